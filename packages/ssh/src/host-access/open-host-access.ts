import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { encodeString, equalBytes } from '../wire/binary.ts'
import { HostAccessError, type FileStat, type FileWrite, type OpenHostAccess, type RemoteFile } from './host-access.ts'
import { connectSftp, type SftpConnection } from './sftp-connection.ts'
import { STATUS } from './sftp-codec.ts'
import { SftpStatusError, type SftpSession } from './sftp-session.ts'

/** Larger files are no list of keys; what we would refuse to change we need not read. */
export const REMOTE_FILE_BYTES_MAX = 1024 * 1024

/** What every server takes in one message. */
const CHUNK_BYTES = 32 * 1024

const PATH_CHARS_MAX = 1024

/** For files and directories where there was none: sshd's StrictModes wants nobody else to be able to write. */
const PRIVATE_FILE_MODE = 0o600
const PRIVATE_DIRECTORY_MODE = 0o700

const POSIX_RENAME = 'posix-rename@openssh.com'
const FSYNC = 'fsync@openssh.com'

/**
 * Host access over the system's `ssh` and its SFTP subsystem. We speak the protocol ourselves instead of driving
 * `sftp -b`, because `sftp` reports a file that it may not look at as `not found`, and an unreadable file must never be
 * taken for a missing one.
 */
export const openHostAccess: OpenHostAccess = (options) => {
  let connection: Promise<SftpConnection> | null = null
  const session = async (): Promise<SftpSession> => (await (connection ??= connectSftp(options))).sftp
  return {
    probe: async () => {
      await session()
    },
    stat: async (path) => statPath(await session(), checkedPath(path)),
    readFile: async (path) => readRegularFile(await session(), checkedPath(path)),
    writeFileAtomically: async (write) => replaceFile(await session(), { ...write, path: checkedPath(write.path) }),
    close: async () => closeQuietly(connection),
  }
}

/** A connection that failed to open has cleaned up after itself and told its caller. */
const closeQuietly = async (connection: Promise<SftpConnection> | null): Promise<void> => {
  const opened = await connection?.catch(() => null)
  await opened?.close()
}

const checkedPath = (path: string): string => {
  if (path === '' || path.length > PATH_CHARS_MAX || path.endsWith('/') || /\p{Cc}/u.test(path))
    throw new HostAccessError('invalid-target', 'the path on the host is no path of a file')
  return path
}

/** Only the status "no such file" means missing; every other one keeps us from knowing. */
const statPath = async (sftp: SftpSession, path: string): Promise<FileStat | null> => {
  try {
    return await sftp.lstat(path)
  } catch (cause) {
    if (cause instanceof SftpStatusError && cause.status === STATUS.noSuchFile) return null
    throw unreadable(cause)
  }
}

const unreadable = (cause: unknown): unknown =>
  cause instanceof SftpStatusError
    ? new HostAccessError('unreadable', `the file on the host cannot be read (${cause.message})`, { cause })
    : cause

const unwritable = (cause: unknown): unknown =>
  cause instanceof SftpStatusError
    ? new HostAccessError('unwritable', `the file on the host cannot be written (${cause.message})`, { cause })
    : cause

const readRegularFile = async (sftp: SftpSession, path: string): Promise<RemoteFile | null> => {
  const found = await statPath(sftp, path)
  if (found === null) return null
  if (found.kind !== 'file')
    throw new HostAccessError(
      'unreadable',
      `there is a ${found.kind === 'other' ? 'special file' : found.kind} where the file should be`,
    )
  try {
    return await readOpened(sftp, path)
  } catch (cause) {
    throw unreadable(cause)
  }
}

const readOpened = async (sftp: SftpSession, path: string): Promise<RemoteFile> => {
  const handle = await sftp.openForReading(path)
  try {
    const stat = await sftp.fstat(handle)
    return { stat, bytes: await readToEnd(sftp, handle) }
  } finally {
    await sftp.close(handle)
  }
}

const readToEnd = async (sftp: SftpSession, handle: Uint8Array): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let offset = 0
  for (;;) {
    const chunk = await sftp.read(handle, { offset, length: CHUNK_BYTES })
    if (chunk === null) return Buffer.concat(chunks)
    chunks.push(chunk)
    offset += chunk.length
    if (offset > REMOTE_FILE_BYTES_MAX || chunk.length === 0)
      throw new HostAccessError(
        'unreadable',
        `the file on the host cannot be read whole within ${REMOTE_FILE_BYTES_MAX} bytes`,
      )
  }
}

/** The new file is written beside the old one under a name of its own, made durable, and renamed over it. */
const replaceFile = async (sftp: SftpSession, write: FileWrite): Promise<void> => {
  if (write.expected !== null && !sftp.extensions.has(POSIX_RENAME))
    throw new HostAccessError('unsupported', 'the host cannot replace a file atomically')
  const temporary = posix.join(
    posix.dirname(write.path),
    `.${posix.basename(write.path)}.gatehouse-${randomBytes(8).toString('hex')}`,
  )
  try {
    await writeTemporary(sftp, temporary, write)
    // Looked at as late as can be: this leaves one round trip in which a change of another's can be lost, the least
    // that SFTP allows.
    await refuseChanged(sftp, write)
    await putInPlace(sftp, temporary, write)
  } catch (cause) {
    await sftp.remove(temporary).catch(() => {}) // the first failure is the one to tell; a file left over harms nothing
    throw unwritable(cause)
  }
}

/** Times are whole seconds and sizes may agree, so the bytes themselves are compared. */
const refuseChanged = async (sftp: SftpSession, { path, expected }: FileWrite): Promise<void> => {
  const current = await readRegularFile(sftp, path)
  const same =
    current === null || expected === null
      ? current === expected
      : equalBytes(current.bytes, expected.bytes) &&
        current.stat.uid === expected.stat.uid &&
        current.stat.gid === expected.stat.gid &&
        current.stat.mode === expected.stat.mode
  if (!same) throw changed()
}

const changed = (cause?: unknown) =>
  new HostAccessError('changed', 'the file on the host was changed by somebody else meanwhile', { cause })

const writeTemporary = async (sftp: SftpSession, temporary: string, write: FileWrite): Promise<void> => {
  // The open fails on anything that exists, links included, so nobody can point our write elsewhere.
  const handle = await openTemporary(sftp, temporary, write)
  try {
    for (let offset = 0; offset < write.bytes.length; offset += CHUNK_BYTES) {
      await sftp.write(handle, { offset, bytes: write.bytes.subarray(offset, offset + CHUNK_BYTES) })
    }
    await setModeAndOwner(sftp, handle, write)
    if (sftp.extensions.has(FSYNC)) await sftp.extended(FSYNC, encodeString(handle))
  } finally {
    await sftp.close(handle)
  }
}

/** A first file may need its directory (`.ssh`), one level of it and private. */
const openTemporary = async (sftp: SftpSession, temporary: string, { expected }: FileWrite): Promise<Uint8Array> => {
  try {
    return await sftp.openNewForWriting(temporary, PRIVATE_FILE_MODE)
  } catch (cause) {
    if (expected !== null || !(cause instanceof SftpStatusError) || cause.status !== STATUS.noSuchFile) throw cause
    await sftp.makeDirectory(posix.dirname(temporary), PRIVATE_DIRECTORY_MODE)
    return await sftp.openNewForWriting(temporary, PRIVATE_FILE_MODE)
  }
}

/** Owner before contents count: a file of root's where the user's was would lock the user out (StrictModes). */
const setModeAndOwner = async (sftp: SftpSession, handle: Uint8Array, { mode, expected }: FileWrite): Promise<void> => {
  const made = await sftp.fstat(handle)
  const wantedMode = mode === 'keep' ? (expected?.stat.mode ?? PRIVATE_FILE_MODE) : mode
  const owner =
    expected === null || (made.uid === expected.stat.uid && made.gid === expected.stat.gid)
      ? undefined
      : { uid: expected.stat.uid, gid: expected.stat.gid }
  await sftp.setAttributes(handle, { mode: wantedMode, owner })
}

/** A file that must be new is put in place by the protocol's own rename, which fails when the name is taken by then. */
const putInPlace = async (sftp: SftpSession, temporary: string, { path, expected }: FileWrite): Promise<void> => {
  if (expected !== null) return sftp.extended(POSIX_RENAME, encodeString(temporary), encodeString(path))
  try {
    await sftp.renameToNew(temporary, path)
  } catch (cause) {
    if (cause instanceof SftpStatusError && (await statPath(sftp, path)) !== null) throw changed(cause)
    throw cause
  }
}
