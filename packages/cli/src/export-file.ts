import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { whyUnread } from '@gatehouse/kit'
import { localError } from './cli-error.ts'
import { unfinishedName } from './unfinished-file.ts'

/** How far an export has come into its file, so that another run can go on with it. */
const State = z.object({ id: z.string(), cursor: z.string(), bytes: z.int() })
export type ExportState = z.output<typeof State>

/** Where the parts of an export go. */
export interface ExportTarget {
  readonly write: (text: string) => Promise<void>
  /** Called after each part; cheap enough for that. */
  readonly keep: (state: ExportState) => Promise<void>
  /** All of it is there: it gets its name, and what is signed of it stands beside it. */
  readonly finish: (manifest: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Parts between two notes of how far one has come: what a crash makes to be read again is a few megabytes. */
const partsPerNote = 32

/** What a run that broke off left behind; null: nothing. */
export const readExportState = async (path: string): Promise<ExportState | null> => {
  const text = await readFile(statePath(path), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return State.parse(JSON.parse(text))
  } catch (cause) {
    throw localError(`${statePath(path)} is damaged`, { hint: 'remove it and begin the export again', cause })
  }
}

const statePath = (path: string): string => `${path}.part.json`
/** Where what is signed of an export stands. */
export const manifestPath = (path: string): string => `${path}.manifest`

/**
 * Writes an export beside its name first, for its reader alone, so that under the name there is only ever a whole one.
 * What stands in the file beyond `from` was not noted, and is written again.
 */
export const openExportFile = async (path: string, from: ExportState | null): Promise<ExportTarget> => {
  const part = `${path}.part`
  const file = await openPart(part, from)
  await file.truncate(from?.bytes ?? 0)
  let position = from?.bytes ?? 0
  let parts = 0
  return {
    write: async (text) => {
      const bytes = Buffer.from(text, 'utf8')
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
        written += bytesWritten
      }
      position += bytes.length
    },
    keep: async (state) => {
      parts += 1
      if (parts % partsPerNote !== 1) return
      await file.sync() // what is noted as written must survive what makes us come back
      await writeWhole(statePath(path), JSON.stringify(state))
    },
    finish: async (manifest) => {
      await file.sync()
      await writeWhole(manifestPath(path), manifest)
      await rename(part, path)
      await rm(statePath(path), { force: true })
    },
    close: () => file.close(),
  }
}

const openPart = async (part: string, from: ExportState | null): Promise<FileHandle> => {
  try {
    return await open(part, from === null ? 'w' : 'r+', 0o600)
  } catch (cause) {
    throw localError(`cannot write ${part}: ${whyUnread(cause)}`, { cause })
  }
}

const writeWhole = async (path: string, text: string): Promise<void> => {
  const temporary = await unfinishedName({ path, ending: 'tmp' })
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}
