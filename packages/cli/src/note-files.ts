import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseVerifier, type NoteVerifier } from '@gatehouse/audit/verify'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'

/** A key, a checkpoint or a manifest is some hundred bytes; a proof of consistency adds a few thousand. */
const noteBytesMax = 1024 * 1024

/** The public key of an audit log: typed, or in a file. */
export const readLogKey = async ({ config }: Cli, given: string): Promise<NoteVerifier> => {
  const verifier = parseVerifier(given) ?? parseVerifier((await noteIn(resolve(config.cwd, given), 'key')).trim())
  if (verifier === null) throw flagError('key', 'the public key of the audit log, or a file with it')
  return verifier
}

/** A short text in a file that a flag names. */
export const noteIn = async (path: string, name: string): Promise<string> => {
  try {
    const file = await open(path)
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(noteBytesMax + 1), 0, noteBytesMax + 1, 0)
      if (bytesRead <= noteBytesMax) return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw flagError(name, `cannot read ${path}: ${whyUnread(cause)}`)
  }
  throw flagError(name, `${path} is too long to be one`)
}
