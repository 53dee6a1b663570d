import { concatBytes, encodeString, encodeUint32, openReader, type BinaryReader } from '../wire/binary.ts'
import type { FileStat } from './host-access.ts'

/** SFTP version 3 (draft-ietf-secsh-filexfer-02), the one that OpenSSH speaks: the message numbers that we use. */
export const MESSAGE = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  fsetstat: 10,
  remove: 13,
  mkdir: 14,
  rename: 18,
  extended: 200,
  status: 101,
  handle: 102,
  data: 103,
  attributes: 105,
} as const

/** Status codes. Only `noSuchFile` means that nothing is there. */
export const STATUS = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3 } as const

/** Flags of `open`. */
export const OPEN = { read: 0x01, writeNewOnly: 0x02 | 0x08 | 0x20 } as const

const ATTRIBUTE = { size: 0x1, owner: 0x2, permissions: 0x4, times: 0x8 } as const

const FILE_TYPE_MASK = 0o170000
const fileTypes: ReadonlyMap<number, FileStat['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
])

/** The attributes that we set: permissions, and the owner where it is given. */
export const encodeAttributes = ({
  mode,
  owner,
}: {
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}): Uint8Array =>
  concatBytes(
    encodeUint32(ATTRIBUTE.permissions | (owner === undefined ? 0 : ATTRIBUTE.owner)),
    ...(owner === undefined ? [] : [encodeUint32(owner.uid), encodeUint32(owner.gid)]),
    encodeUint32(mode),
  )

/** Reads attributes; null when the server leaves out one that we decide by. */
export const readAttributes = (reader: BinaryReader): FileStat | null => {
  const flags = reader.uint32()
  const has = (flag: number): boolean => (flags & flag) !== 0
  const sizeBytes = has(ATTRIBUTE.size) ? Number(reader.uint64()) : null
  const [uid, gid] = has(ATTRIBUTE.owner) ? [reader.uint32(), reader.uint32()] : [null, null]
  const permissions = has(ATTRIBUTE.permissions) ? reader.uint32() : null
  const modifiedSeconds = has(ATTRIBUTE.times) ? (reader.uint32(), reader.uint32()) : null
  if (sizeBytes === null || uid === null || gid === null || permissions === null || modifiedSeconds === null)
    return null
  return {
    kind: fileTypes.get(permissions & FILE_TYPE_MASK) ?? 'other',
    sizeBytes,
    mode: permissions & 0o7777,
    uid,
    gid,
    modifiedSeconds,
  }
}

/** A server's answer to `init`: its version and the names of its extensions. */
export const readVersion = (
  payload: Uint8Array,
): { readonly version: number; readonly extensions: ReadonlySet<string> } => {
  const reader = openReader(payload)
  const version = reader.uint32()
  const extensions = new Set<string>()
  while (reader.remaining() > 0) {
    extensions.add(reader.text())
    reader.string()
  }
  return { version, extensions }
}

/** A message on the wire: length, type, body. */
export const encodeMessage = (type: number, ...fields: readonly Uint8Array[]): Uint8Array =>
  encodeString(concatBytes(Uint8Array.of(type), ...fields))
