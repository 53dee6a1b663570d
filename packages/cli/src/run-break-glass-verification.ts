import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { formatVerifier } from '@gatehouse/audit/verify'
import { verifyExport, type Verdict } from '@gatehouse/breakglass/verify'
import { whyUnread } from '@gatehouse/kit'
import { boundedBytes } from './bounded-bytes.ts'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { flag } from './flag.ts'
import { readLogKey } from './note-files.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** A request with all its versions and votes is some kilobytes. */
const exportBytesMax = 16 * 1024 * 1024

/** Checks an exported request for emergency access, without a server. Exit 1 when something is wrong with it. */
export const runBreakGlassVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const given = textOf(values, 'key')
  const key = given === null ? null : formatVerifier(await readLogKey(cli, given))
  const verdict = verifyExport(new TextDecoder().decode(await bytesOf(cli, textOf(values, 'file') ?? '')), { key })
  if (cli.options.form === 'json') showJson(cli, { ok: verdict.problems.length === 0, ...verdict })
  else cli.terminal.out(`${sentenceOf(verdict)}\n`)
  if (verdict.problems.length === 0 && key === null) cli.terminal.talk(`${whoseKey(verdict)}\n`)
  return verdict.problems.length === 0 ? 0 : 1
}

const bytesOf = async ({ terminal, config }: Cli, name: string): Promise<Uint8Array> => {
  if (name === '-') return terminal.readBytes(exportBytesMax)
  try {
    return await boundedBytes(createReadStream(resolve(config.cwd, name)), exportBytesMax)
  } catch (cause) {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}

const sentenceOf = ({ problems, signed, unsigned }: Verdict): string =>
  problems.length > 0
    ? problems.map(printable).join('\n')
    : `all of it fits: ${signed} signed by keys` +
      (unsigned === 0 ? '' : `, ${unsigned} by codes in sessions, which nobody outside can check`)

/** A file that brings its own key shows that it was not changed, and not who made it. */
const whoseKey = ({ sealedBy }: Verdict): string =>
  `sealed by ${printable(sealedBy ?? '')} · --key with the key that you have kept says whether it is yours`
