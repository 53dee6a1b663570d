import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { DeliveryError } from '@gatehouse/kit/outbound'
import { syncDirectory } from '../sync-directory.ts'

/** How files of sinks are named: one plain name, in the one directory of the settings. */
export const sinkFileForm = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** How far back the end of the last whole line is looked for: a line is at most some hundred kilobytes. */
const lookBackBytes = 1024 * 1024

/**
 * Appends whole lines to a file of the sinks' directory and returns once they are on the disk. Path and mode are ours:
 * a name is one name, a link is not followed, and nobody else reads what is made. A line that was cut off when a
 * process died is taken away first; it comes again.
 */
export const appendFile = (directory: string, name: string, text: string): Promise<void> =>
  inFile(directory, name, async (file, size) => {
    const end = await endOfLastLine(file, size)
    await file.truncate(end)
    try {
      await writeWhole(file, Buffer.from(text, 'utf8'), end)
    } catch (error) {
      // all of it comes again: what a full disk took of it would stand there twice
      await file.truncate(end)
      throw error
    }
  })

/** Takes out all lines: they are written anew. */
export const emptyFile = (directory: string, name: string): Promise<void> =>
  inFile(directory, name, (file) => file.truncate(0))

async function inFile(
  directory: string,
  name: string,
  work: (file: FileHandle, size: number) => Promise<void>,
): Promise<void> {
  if (!sinkFileForm.test(name)) throw new DeliveryError('later', 'the file has no name that a sink may have')
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
  const file = await open(join(directory, name), flags, 0o600).catch((error: unknown) => {
    throw new DeliveryError('later', `the file cannot be opened: ${codeOf(error)}`, { cause: error })
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new DeliveryError('later', 'it is no plain file')
    await work(file, stats.size)
    await file.sync()
    // of one that was just made the name itself must survive a power cut
    if (stats.size === 0) await syncDirectory(directory)
  } catch (error) {
    if (error instanceof DeliveryError) throw error
    throw new DeliveryError('later', `the file cannot be written: ${codeOf(error)}`, { cause: error })
  } finally {
    await file.close()
  }
}

async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, lookBackBytes)
  const buffer = Buffer.alloc(length)
  await file.read(buffer, 0, length, size - length)
  const last = buffer.lastIndexOf('\n')
  if (last < 0 && size > length) throw new DeliveryError('later', 'its last line is longer than any of ours')
  return last < 0 ? 0 : size - length + last + 1
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
