import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from './sync-directory.ts'

/**
 * What is kept outside of the database, since a backup that is restored does not know of it. A line of JSON for each
 * thing; several processes of a machine may add to it, each line is written whole.
 */
export interface LineLedger<T> {
  readonly path: string
  read(): Promise<readonly T[]>
  /** Resolves once they are on disk. */
  add(values: readonly T[]): Promise<void>
}

/** How a value is a line; `parse` throws on JSON that is none of ours: to go on would be to forget it. */
export interface LineForm<T> {
  readonly write: (value: T) => unknown
  readonly parse: (fields: Readonly<Record<string, unknown>>) => T | null
  /** What a line is, for who has to mend one. */
  readonly what: string
}

/** A ledger in a file of this machine. */
export const openLineLedger = <T>(path: string, { write, parse, what }: LineForm<T>): LineLedger<T> => ({
  path,
  read: async () => {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return text.split('\n').flatMap((line) => {
      const fields = parseJson(line)
      // what a crash cut off is in the database, and is added again
      if (fields === undefined) return []
      const value = parse(Object(fields) as Readonly<Record<string, unknown>>) // looked at by `parse`
      if (value === null) throw new TypeError(`\`${path}\` has a line that is not ${what}: ${line.slice(0, 80)}`)
      return [value]
    })
  },
  add: async (values) => {
    if (values.length === 0) return
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600)
    try {
      // a line that a crash cut off must not swallow the first of these
      await file.writeFile(`\n${values.map((value) => `${JSON.stringify(write(value))}\n`).join('')}`)
      await file.sync()
      await syncDirectory(dirname(path)) // the name of one that was just made must survive a power cut, too
    } finally {
      await file.close()
    }
  },
})

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
