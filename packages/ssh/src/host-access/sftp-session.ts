import type { Readable, Writable } from 'node:stream'
import { concatBytes, encodeString, encodeUint32, encodeUint64, openReader } from '../wire/binary.ts'
import { splitMessages } from '../wire/framing.ts'
import { HostAccessError, type FileStat } from './host-access.ts'
import { encodeAttributes, encodeMessage, MESSAGE, OPEN, readAttributes, readVersion, STATUS } from './sftp-codec.ts'

/** One SFTP conversation. Requests answer in the order in which they were made; each has its own limit of time. */
export interface SftpSession {
  readonly extensions: ReadonlySet<string>
  lstat(path: string): Promise<FileStat>
  openForReading(path: string): Promise<Uint8Array>
  openNewForWriting(path: string, mode: number): Promise<Uint8Array>
  fstat(handle: Uint8Array): Promise<FileStat>
  setAttributes(handle: Uint8Array, attributes: Parameters<typeof encodeAttributes>[0]): Promise<void>
  /** Up to so many bytes from there; null at the end of the file. */
  read(handle: Uint8Array, range: { readonly offset: number; readonly length: number }): Promise<Uint8Array | null>
  write(handle: Uint8Array, chunk: { readonly offset: number; readonly bytes: Uint8Array }): Promise<void>
  close(handle: Uint8Array): Promise<void>
  remove(path: string): Promise<void>
  makeDirectory(path: string, mode: number): Promise<void>
  /** Fails when the target exists: the protocol's own rename. */
  renameToNew(from: string, to: string): Promise<void>
  /** Runs an `…@openssh.com` extension. */
  extended(name: string, ...fields: readonly Uint8Array[]): Promise<void>
}

/** The host's own word on one request. */
export class SftpStatusError extends Error {
  override readonly name = 'SftpStatusError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Answer {
  readonly type: number
  readonly payload: Uint8Array
}

interface Conversation {
  /** Sends a request and waits for the answer with its number. */
  ask(type: number, ...fields: readonly Uint8Array[]): Promise<Answer>
}

/** A host that has let us in answers each request within this time, or is as good as gone. */
export const SFTP_REQUEST_SECONDS_MAX = 15

/**
 * Greets the server at the other end of these streams and answers once it has greeted back. `gone` rejects when the
 * connection ends, with the reason.
 */
export const openSftpSession = async (streams: {
  readonly input: Writable
  readonly output: Readable
  readonly gone: Promise<never>
}): Promise<SftpSession> => {
  const { first, conversation } = converse(streams)
  streams.input.write(encodeMessage(MESSAGE.init, encodeUint32(3)))
  const greeting = await Promise.race([first, streams.gone])
  const { version, extensions } =
    greeting.type === MESSAGE.version ? readVersion(greeting.payload) : { version: 0, extensions: new Set<string>() }
  if (version !== 3) throw new HostAccessError('unsupported', 'the host does not speak sftp version 3')
  return { extensions, ...requests(conversation) }
}

const converse = ({
  input,
  output,
  gone,
}: Parameters<typeof openSftpSession>[0]): { first: Promise<Answer>; conversation: Conversation } => {
  const greeting = Promise.withResolvers<Answer>()
  const garbage = Promise.withResolvers<never>()
  // whoever is waiting hears it through the race; when nobody waits, it is no unhandled rejection
  garbage.promise.catch(() => {})
  const waiting = new Map<number, (answer: Answer) => void>()
  let bytes: Uint8Array = new Uint8Array()
  let lastId = 0
  output.on('data', (chunk: Uint8Array) => {
    const split = splitMessages(concatBytes(bytes, chunk))
    if (split === 'too-long')
      return garbage.reject(
        new HostAccessError(
          'unsupported',
          'the host answers something that is not sftp (does its shell print text at log-in?)',
        ),
      )
    bytes = split.rest
    split.messages.forEach((message) => deliver(message, waiting, greeting.resolve))
  })
  const ask = async (type: number, ...fields: readonly Uint8Array[]): Promise<Answer> => {
    const id = ++lastId
    const answer = Promise.withResolvers<Answer>()
    waiting.set(id, answer.resolve)
    input.write(encodeMessage(type, encodeUint32(id), ...fields))
    return withinTime(Promise.race([answer.promise, garbage.promise, gone]))
  }
  return { first: Promise.race([greeting.promise, garbage.promise]), conversation: { ask } }
}

const deliver = (
  message: Uint8Array,
  waiting: Map<number, (answer: Answer) => void>,
  greet: (answer: Answer) => void,
): void => {
  const type = message[0] ?? 0
  if (type === MESSAGE.version) return greet({ type, payload: message.subarray(1) })
  if (message.length < 5) return
  const id = openReader(message.subarray(1)).uint32()
  waiting.get(id)?.({ type, payload: message.subarray(5) })
  waiting.delete(id)
}

const withinTime = async <T>(promise: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      late.reject(new HostAccessError('unreachable', `the host did not answer within ${SFTP_REQUEST_SECONDS_MAX} s`)),
    SFTP_REQUEST_SECONDS_MAX * 1000,
  )
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

const requests = ({ ask }: Conversation): Omit<SftpSession, 'extensions'> => ({
  lstat: async (path) => statOf(await ask(MESSAGE.lstat, encodeString(path))),
  openForReading: async (path) =>
    handleOf(await ask(MESSAGE.open, encodeString(path), encodeUint32(OPEN.read), encodeUint32(0))),
  openNewForWriting: async (path, mode) =>
    handleOf(await ask(MESSAGE.open, encodeString(path), encodeUint32(OPEN.writeNewOnly), encodeAttributes({ mode }))),
  fstat: async (handle) => statOf(await ask(MESSAGE.fstat, encodeString(handle))),
  setAttributes: async (handle, attributes) =>
    done(await ask(MESSAGE.fsetstat, encodeString(handle), encodeAttributes(attributes))),
  read: async (handle, { offset, length }) =>
    dataOf(await ask(MESSAGE.read, encodeString(handle), encodeUint64(BigInt(offset)), encodeUint32(length))),
  write: async (handle, { offset, bytes }) =>
    done(await ask(MESSAGE.write, encodeString(handle), encodeUint64(BigInt(offset)), encodeString(bytes))),
  close: async (handle) => done(await ask(MESSAGE.close, encodeString(handle))),
  remove: async (path) => done(await ask(MESSAGE.remove, encodeString(path))),
  makeDirectory: async (path, mode) => done(await ask(MESSAGE.mkdir, encodeString(path), encodeAttributes({ mode }))),
  renameToNew: async (from, to) => done(await ask(MESSAGE.rename, encodeString(from), encodeString(to))),
  extended: async (name, ...fields) => done(await ask(MESSAGE.extended, encodeString(name), ...fields)),
})

const done = (answer: Answer): void => {
  if (answer.type !== MESSAGE.status) throw notExpected()
  const reader = openReader(answer.payload)
  const status = reader.uint32()
  if (status !== STATUS.ok) throw statusError(answer)
}

const handleOf = (answer: Answer): Uint8Array => openReader(expect(answer, MESSAGE.handle)).string()

const statOf = (answer: Answer): FileStat => {
  const stat = readAttributes(openReader(expect(answer, MESSAGE.attributes)))
  if (stat === null)
    throw new HostAccessError('unsupported', 'the host does not tell size, owner, mode and time of files')
  return stat
}

const dataOf = (answer: Answer): Uint8Array | null => {
  if (answer.type === MESSAGE.status && openReader(answer.payload).uint32() === STATUS.endOfFile) return null
  return openReader(expect(answer, MESSAGE.data)).string()
}

const expect = (answer: Answer, type: number): Uint8Array => {
  if (answer.type === MESSAGE.status) throw statusError(answer)
  if (answer.type !== type) throw notExpected()
  return answer.payload
}

const statusError = ({ payload }: Answer): SftpStatusError => {
  const reader = openReader(payload)
  const status = reader.uint32()
  const words = reader.remaining() > 0 ? reader.text() : ''
  return new SftpStatusError(
    status,
    words
      .slice(0, 200)
      .replace(/\p{Cc}/gu, ' ')
      .toLowerCase() || `status ${status}`,
  )
}

const notExpected = () => new HostAccessError('unsupported', 'the host gives an answer that sftp does not know here')
