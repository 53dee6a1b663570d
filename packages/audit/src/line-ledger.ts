import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CheckpointKey } from './checkpoint-key.ts'
import { syncDirectory } from './sync-directory.ts'

/**
 * What is kept outside of the database, since a backup that is restored does not know of it. A line of JSON for each
 * thing; several processes of a machine may add to it, each line is written whole.
 */
export interface LineLedger<T> {
  readonly path: string
  /** Throws on a line that is damaged, that somebody changed, or that another Gatehouse signed. */
  read(): Promise<LedgerLines<T>>
  /** Resolves once they are on disk, signed. */
  add(values: readonly T[]): Promise<void>
}

/** What lines say. */
export interface LedgerLines<T> {
  /** By lines that the key of this audit log signed. */
  readonly signed: readonly T[]
  /** By lines of a version that signed none, or of somebody who wrote into the file. */
  readonly unsigned: readonly T[]
}

/**
 * What a ledger is believed. A file in which any line is signed had all that was known then signed with it: from then
 * on nothing counts that is not, or who can write the file could have anybody erased.
 */
export const believed = <T>({ signed, unsigned }: LedgerLines<T>): readonly T[] =>
  signed.length > 0 ? signed : unsigned

/** Throws where unsigned lines say what nobody else knows; `news`: what they say of that kind. */
export function refuseUnsigned({ path }: Pick<LineLedger<unknown>, 'path'>, news: readonly unknown[]): void {
  if (news.length === 0) return
  const lines = `${news.length} ${news.length === 1 ? 'line' : 'lines'}`
  throw new TypeError(
    `\`${path}\` has ${lines} without a signature about what the database does not know, beside signed ones; ` +
      'somebody else wrote them: look at who could, and put back the file that was kept with the newest backup',
  )
}

/** How a value is a line; `parse` throws on JSON that is none of ours: to go on would be to forget it. */
export interface LineForm<T> {
  readonly write: (value: T) => Readonly<Record<string, unknown>>
  readonly parse: (fields: Readonly<Record<string, unknown>>) => T | null
  /** What a line is, for who has to mend one. */
  readonly what: string
  /** What is signed of one ledger passes for nothing of another. */
  readonly kind: 'erasures' | 'holds'
}

/** Where a ledger is, and who signs its lines. */
export interface LedgerPlace {
  readonly path: string
  readonly key: Pick<CheckpointKey, 'signText' | 'hasSigned'>
}

/** A ledger in a file of this machine. */
export const openLineLedger = <T>(
  { path, key }: LedgerPlace,
  { write, parse, what, kind }: LineForm<T>,
): LineLedger<T> => ({
  path,
  read: async () => {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n')
    const found = lines.flatMap((line, at) => {
      const json = parseJson(line)
      if (json === undefined && isLeftByCrash(lines, at)) return []
      const { signature, ...fields } = Object(json) as Readonly<Record<string, unknown>> // looked at by `parse`
      const value = parse(fields)
      const isSigned = signature !== undefined
      if (value === null || (isSigned && !key.hasSigned({ kind, text: JSON.stringify(fields) }, signature)))
        throw new TypeError(unreadable({ path, line, at, what }))
      return [{ value, isSigned }]
    })
    return {
      signed: found.filter(({ isSigned }) => isSigned).map(({ value }) => value),
      unsigned: found.filter(({ isSigned }) => !isSigned).map(({ value }) => value),
    }
  },
  add: async (values) => {
    if (values.length === 0) return
    const lines = values.map((value) => {
      const text = JSON.stringify(write(value))
      return `${JSON.stringify({ ...write(value), signature: key.signText({ kind, text }) })}\n`
    })
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600)
    try {
      // a line that a crash cut off must not swallow the first of these
      await file.writeFile(`\n${lines.join('')}`)
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
  'somebody changed it, or its disk did, or it is from another Gatehouse: ' +
  'put back the file that was kept with the newest backup'

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
