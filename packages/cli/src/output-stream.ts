import { fstatSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/** One of the two streams that this process writes to. */
export interface OutputStream {
  readonly write: (data: string | Uint8Array) => void
  /** Answers once all that was written has left this process, or never will. */
  readonly flushed: () => Promise<void>
  /** Why something could not be written; null while all went well, and where the reader went away. */
  readonly problem: () => Error | null
  /** Aborted when nobody takes any more of it. */
  readonly ended: AbortSignal
}

/** A reader that went away, and a terminal that was closed. */
const goneCodes: readonly (string | undefined)[] = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED', 'ECONNRESET']

/**
 * Opens standard output (1) or standard error (2) at the first write. `gatehouse … | head` closes our output early, and
 * a closed terminal takes it away: neither is a reason to crash, or not to revoke. Everything else that a write fails
 * with is kept, for the exit code to tell.
 */
export const openOutputStream = (descriptor: 1 | 2, stream: () => NodeJS.WriteStream): OutputStream => {
  const end = new AbortController()
  let problem: Error | null = null
  const fail = (error: NodeJS.ErrnoException): void => {
    if (!goneCodes.includes(error.code)) problem ??= error
    end.abort()
  }
  let opened: Writer | null = null
  return {
    write: (data) => {
      if (end.signal.aborted) return
      opened ??= isFile(descriptor) ? fileWriter(descriptor, fail) : streamWriter(stream(), { fail, ended: end.signal })
      opened.write(data)
    },
    flushed: async () => opened?.flushed(),
    problem: () => problem,
    ended: end.signal,
  }
}

interface Writer {
  readonly write: (data: string | Uint8Array) => void
  readonly flushed: () => Promise<void>
}

/** What can be written at once and whole: a file, or a device that is no terminal. */
const isFile = (descriptor: number): boolean => {
  if (isatty(descriptor)) return false
  try {
    const stats = fstatSync(descriptor)
    return stats.isFile() || stats.isCharacterDevice()
  } catch {
    return false
  }
}

/** Node's own stream for files takes a write that was cut short, as on a disk that fills up, for a whole one. */
const fileWriter = (descriptor: number, fail: (error: NodeJS.ErrnoException) => void): Writer => ({
  write: (data) => {
    try {
      writeWhole(descriptor, Buffer.from(data))
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)))
    }
  },
  flushed: () => Promise.resolve(),
})

const writeWhole = (descriptor: number, bytes: Buffer): void => {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
}

const streamWriter = (
  stream: NodeJS.WriteStream,
  { fail, ended }: { readonly fail: (error: NodeJS.ErrnoException) => void; readonly ended: AbortSignal },
): Writer => {
  stream.on('error', fail)
  return {
    write: (data) => void stream.write(data),
    flushed: () =>
      new Promise((resolve) => {
        if (ended.aborted || stream.writableLength === 0) return resolve()
        ended.addEventListener('abort', () => resolve(), { once: true })
        stream.write('', () => resolve())
      }),
  }
}
