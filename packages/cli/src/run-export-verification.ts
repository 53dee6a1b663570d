import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { parseWitnessKey, verifyExport, type ExportCheck, type ExportVerdict } from '@gatehouse/audit/verify'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { manifestPath } from './export-file.ts'
import { flag } from './flag.ts'
import { noteIn, readLogKey } from './note-files.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/**
 * Says whether an export is as it was signed, and what it proves of the audit log, by the public key alone: no server
 * is asked. Exit 1 unless all of it holds.
 */
export const runExportVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true }), flag('key', '', { required: true })])
  const pathOf = (name: string): string | null => {
    const given = textOf(values, name)
    return given === null ? null : resolve(cli.config.cwd, given)
  }
  const file = pathOf('file') ?? ''
  const verifier = await readLogKey(cli, textOf(values, 'key') ?? '')
  const manifest = await noteIn(pathOf('manifest') ?? manifestPath(file), 'manifest')
  const checkpoint = pathOf('checkpoint')
  const remembered = checkpoint === null ? null : await noteIn(checkpoint, 'checkpoint')
  const verdict = await verifyExport(bytesOf(file), { manifest, verifier, remembered, ...witnessesIn(values) })
  if (cli.options.form === 'json') showJson(cli, verdict)
  else showVerdict(cli, verdict)
  return verdict.ok ? 0 : 1
}

const showVerdict = (cli: Cli, { ok, problems, proved, notProved }: ExportVerdict): void => {
  const { terminal, options } = cli
  const list = (head: string, items: readonly string[]): string =>
    items.length === 0 ? '' : `${head}\n${items.map((item) => `  - ${printable(item)}\n`).join('')}`
  if (problems.length > 0)
    terminal.out(
      drawTable(
        {
          columns: ['LINE', 'SEQ', 'PROBLEM', 'WHAT'],
          rows: problems.map(({ line, seq, kind, message }) => [
            line === null ? '' : String(line),
            seq === null ? '' : String(seq),
            kind,
            printable(message),
          ]),
        },
        { width: options.form === 'wide' ? null : terminal.width, colour: terminal.colour },
      ),
    )
  if (!options.quiet) terminal.out(list('proved:', proved) + list('not proved:', notProved))
  terminal.talk(
    ok ? 'the export is as it was signed\n' : 'the export is NOT as it was signed, or proves less than asked\n',
  )
}

/** Witnesses are named by their keys; so many of them have to have signed. */
const witnessesIn = (values: Arguments['values']): Pick<ExportCheck, 'witnesses'> => {
  const given = values['witness']
  const keys = Array.isArray(given) ? given.map(String) : []
  const verifiers = keys.map(parseWitnessKey).filter((one) => one !== null)
  if (verifiers.length < keys.length) throw flagError('witness', 'the verifier key of a witness (C2SP, type 4)')
  const required = values['witnesses'] === undefined ? verifiers.length : Number(values['witnesses'])
  if (required > verifiers.length) throw flagError('witnesses', `no more than the ${verifiers.length} that are named`)
  return keys.length === 0 ? {} : { witnesses: { verifiers, required } }
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer> // no encoding was given
  } catch (cause) {
    throw flagError('file', `cannot read ${file}: ${whyUnread(cause)}`)
  }
}
