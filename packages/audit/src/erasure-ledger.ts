import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isUuid } from '@gatehouse/kit'
import type { ErasureRow, Redaction } from './erasure.queries.ts'
import { syncDirectory } from './sync-directory.ts'

/**
 * Erasures outside of the database: a backup that is restored brings back keys that were destroyed, and does not know
 * that they were. A line for each, with nothing in it that says who it was.
 */
export interface ErasureLedger {
  readonly path: string
  read(): Promise<readonly ErasureRow[]>
  /** Resolves once they are on disk. */
  add(erasures: readonly ErasureRow[]): Promise<void>
}

/** A ledger in a file of this machine. Several processes may add to it: each line is written whole. */
export function openErasureLedger(path: string): ErasureLedger {
  return {
    path,
    read: async () => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''
        throw error
      })
      return text.split('\n').flatMap((line) => (line === '' ? [] : parsed(line, path)))
    },
    add: async (erasures) => {
      if (erasures.length === 0) return
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const file = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600)
      try {
        // a line that a crash cut off must not swallow the first of these
        await file.writeFile(`\n${erasures.map((erasure) => `${line(erasure)}\n`).join('')}`)
        await file.sync()
        await syncDirectory(dirname(path)) // the name of one that was just made must survive a power cut, too
      } finally {
        await file.close()
      }
    },
  }
}

const line = ({ subject, erasedAt, names, redactions }: ErasureRow): string =>
  JSON.stringify({
    v: 1,
    subject,
    erasedAt: erasedAt.toISOString(),
    names: names.map((name) => name.toString('base64')),
    redactions,
  })

/**
 * Nothing for what a crash cut off: it is in the database, and is added again. Throws on any other line that is none of
 * ours: to go on would be to forget an erasure.
 */
function parsed(text: string, path: string): ErasureRow[] {
  const value = parseJson(text)
  if (value === undefined) return []
  const fields = Object(value) as Readonly<Record<string, unknown>> // looked at below
  const { subject, erasedAt, names, redactions = [] } = fields
  const at = new Date(String(erasedAt))
  if (
    typeof subject !== 'string' ||
    !isUuid(subject) ||
    Number.isNaN(at.getTime()) ||
    !Array.isArray(names) ||
    !isRedactions(redactions)
  )
    throw new TypeError(`\`${path}\` has a line that is not an erasure: ${text.slice(0, 80)}`)
  return [{ subject, erasedAt: at, names: names.map((name) => Buffer.from(String(name), 'base64')), redactions }]
}

/** Lines of before have none. */
const isRedactions = (value: unknown): value is readonly Redaction[] =>
  Array.isArray(value) &&
  value.every((one) => Array.isArray(one) && one.length === 2 && isUuid(String(one[0])) && typeof one[1] === 'string')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
