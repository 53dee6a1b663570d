import { resolve } from 'node:path'
import { operations, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError, flagError, localError } from './cli-error.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import { manifestPath, openExportFile, readExportState, type ExportState, type ExportTarget } from './export-file.ts'
import { sayUnknownAction } from './nearest-action.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printableLines } from './printable.ts'
import { operationInput } from './run-operation.ts'
import { showJson } from './show-output.ts'

/** Between two attempts to take an export up again, and how many without anything new. */
const RECONNECT_MS = 1_000
const IDLE_ATTEMPTS_MAX = 30

type Part = Wire<'audit.exportStream'>

/** Writes the audit log out, to a file or to standard output, and goes on where a connection broke. */
export const runAuditExport = async (cli: Cli, args: Arguments): Promise<number> => {
  const name = textOf(args.values, 'file')
  const resume = args.values['resume'] === true
  if (resume && name === null) throw flagError('resume', 'goes on with the file that --output names')
  const path = name === null ? null : resolve(cli.config.cwd, name)
  const left = path === null || !resume ? null : await readExportState(path)
  if (resume && left === null) throw flagError('resume', `there is nothing to go on with at ${name ?? ''}`)
  const client = await cli.client()
  const begun = left ?? (await begin(cli, client, withFormat(args, name)))
  const target = path === null ? standardOutput(cli) : await openExportFile(path, left)
  try {
    const last = await readToEnd({ cli, client, target }, begun)
    if (last === null) return 0
    await target.finish(last.manifest ?? '')
    sayDone(cli, { id: begun.id, path, last })
    return 0
  } finally {
    await target.close()
  }
}

/** Endings that are the names of formats. */
const formatEnding = /\.(?<format>json|jsonl|csv)$/i

/** What a file is called says its format where no flag does: `log.csv` with JSON in it helps nobody. */
const withFormat = (args: Arguments, file: string | null): Arguments => {
  const format = file === null ? undefined : formatEnding.exec(file)?.groups?.['format']?.toLowerCase()
  if (format === undefined || args.values['format'] !== undefined) return args
  return { ...args, values: { ...args.values, format } }
}

const begin = async (cli: Cli, client: Client, args: Arguments): Promise<ExportState> => {
  const input = await operationInput(operations['audit.export'], cli, args)
  sayUnknownAction(cli, 'audit.export', input)
  // checked against this operation's own schema just now
  const { id } = await client.call('audit.export', input as Raw<'audit.export'>)
  return { id, cursor: '', bytes: 0 }
}

interface Reading {
  readonly cli: Cli
  readonly client: Client
  readonly target: ExportTarget
}

/**
 * Reads until the signed end; a connection that breaks is opened again after the last part that was written. Null: who
 * read standard output went away (`| head`), which is no failure.
 */
const readToEnd = async ({ cli, client, target }: Reading, begun: ExportState): Promise<Part | null> => {
  let state = begun
  const say = progressLine(cli)
  for (let idle = 0; idle < IDLE_ATTEMPTS_MAX; idle += 1) {
    const input = { id: state.id, ...(state.cursor === '' ? {} : { after: state.cursor }) }
    try {
      for await (const part of client.subscribe('audit.exportStream', input, cli.terminal.outEnded)) {
        await target.write(part.text)
        state = { id: state.id, cursor: part.cursor, bytes: part.bytes }
        if (part.manifest !== null) return part
        await target.keep(state)
        say(part)
        idle = 0
      }
    } catch (error) {
      if (cli.terminal.outEnded.aborted) return null
      if (error instanceof CliError && error.code !== 'unavailable') throw error
    }
    if (cli.terminal.outEnded.aborted) return null
    await pause(RECONNECT_MS, cli.terminal.outEnded)
  }
  throw localError('the export broke off', { hint: 'with --output FILE, go on with it by --resume' })
}

/** A terminal is shown nothing that it would obey; everything else gets the bytes as they are. */
const standardOutput = ({ terminal }: Cli): ExportTarget => ({
  write: async (text) => {
    terminal.out(terminal.width === null ? text : printableLines(text))
    await terminal.flush()
  },
  keep: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  close: () => Promise.resolve(),
})

/** Said on a terminal only, on one line that is written over. */
const progressLine = ({ terminal, options }: Cli): ((part: Part) => void) => {
  if (!terminal.interactive || !terminal.colour || options.quiet || terminal.width !== null) return () => undefined
  return ({ rows, bytes, percent }) =>
    terminal.talk(`\r\u001b[K${percent} % · ${rows} entries · ${megabytes(bytes)} MB\r`)
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

const sayDone = (
  cli: Cli,
  { id, path, last }: { readonly id: string; readonly path: string | null; readonly last: Part },
): void => {
  const { rows, bytes } = last
  if (path !== null && cli.options.form === 'json')
    return showJson(cli, { id, rows, bytes, file: path, manifest: manifestPath(path) })
  if (cli.options.quiet) return
  const signed = path === null ? '' : ` · signed: ${manifestPath(path)}`
  cli.terminal.talk(`exported ${rows} entries, ${megabytes(bytes)} MB${signed}\n`)
}
