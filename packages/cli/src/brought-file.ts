import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { placedInFile, type FieldProblem } from '@gatehouse/contract'
import { tableBytesMax, type TableRecord } from '@gatehouse/kit/tables'
import { whyUnread } from '@gatehouse/kit'
import { boundedBytes } from './bounded-bytes.ts'
import type { Cli } from './cli.ts'
import { CliError, flagError, usageError } from './cli-error.ts'

/** A file of rows that somebody brings, and what became of it where something in it is wrong: `nobody was imported`. */
export interface BroughtFile {
  readonly name: string
  readonly outcome: string
}

/** The bytes of a file, or of standard input for `-`. One byte more than is read tells that there is more. */
export const bytesOfFile = ({ terminal, config }: Cli, name: string): Promise<Uint8Array> =>
  name === '-' ? terminal.readBytes(tableBytesMax + 1) : readFileBytes(resolve(config.cwd, name), name)

const readFileBytes = async (path: string, name: string): Promise<Uint8Array> => {
  try {
    return await boundedBytes(createReadStream(path), tableBytesMax + 1)
  } catch (cause) {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}

/** All that is wrong with a file: exit 2. */
export const fileProblems = (file: BroughtFile, problems: readonly FieldProblem[]): CliError =>
  usageError(headOf(file, problems), { fields: problems })

const headOf = ({ name, outcome }: BroughtFile, { length }: readonly FieldProblem[]): string =>
  `${name === '-' ? 'standard input' : name}: ` +
  `${length === 1 ? '1 thing is' : `${length} things are`} wrong; ${outcome}`

/** What the server finds wrong is by its place in the list; people look for the line. */
export const placedError = (error: unknown, file: BroughtFile, records: readonly TableRecord[]): unknown => {
  const fields: unknown = error instanceof CliError ? error.details['fields'] : null
  if (!(error instanceof CliError) || !Array.isArray(fields)) return error
  const placed = placedInFile(fields as readonly FieldProblem[], records) // refusals carry the contract's own shape
  return new CliError({
    code: error.code,
    message: headOf(file, placed),
    details: { ...error.details, fields: placed },
    hint: error.hint,
    cause: error,
  })
}
