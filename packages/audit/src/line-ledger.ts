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
    const lines = text.split('\n')
    return lines.flatMap((line, at) => {
      const fields = parseJson(line)
      if (fields === undefined && isLeftByCrash(lines, at)) return []
      const value = parse(Object(fields) as Readonly<Record<string, unknown>>) // looked at by `parse`
      if (value === null) throw new TypeError(unreadable({ path, line, at, what }))
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

/** A version and an id stand first, and take no more than this: lines that begin so are about the same thing. */
const identifyingChars = 54

/**
 * What a crash cut off has no line break, until what comes next puts one; and it is in the database, so that it is
 * added again behind. A power cut may leave zeros. INVARIANT: any other line that cannot be read was damaged, and with
 * it goes what nobody else knows once a backup is restored: to pass over it would be to forget it.
 */
function isLeftByCrash(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  if (at === lines.length - 1 || line.replaceAll('\0', '') === '') return true
  const beginning = line.slice(0, identifyingChars)
  return lines.slice(at + 1).some((later) => later.startsWith(beginning) && parseJson(later) !== undefined)
}

const unreadable = ({ path, line, at, what }: { path: string; line: string; at: number; what: string }): string =>
  `\`${path}\` has a line that is not ${what}, the ${at + 1}.: ${JSON.stringify(line.slice(0, 80))}; ` +
  'somebody changed it, or its disk did: put back the file that was kept with the newest backup'

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
