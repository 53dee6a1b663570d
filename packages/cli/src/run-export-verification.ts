import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseVerifier, readManifest, rootOfLines, type NoteVerifier } from '@gatehouse/audit/verify'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { manifestPath } from './export-file.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { showJson } from './show-output.ts'

/** Says whether an export is as it was signed, by the public key alone: no server is asked. Exit 1 unless it is. */
export const runExportVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true }), flag('key', '', { required: true })])
  const file = resolve(cli.config.cwd, textOf(values, 'file') ?? '')
  const manifestFile = textOf(values, 'manifest')
  const verifier = await readKey(cli, textOf(values, 'key') ?? '')
  const path = manifestFile === null ? manifestPath(file) : resolve(cli.config.cwd, manifestFile)
  const manifest = readManifest(await textIn(path, 'manifest'), verifier)
  const found = await rootOfLines(createReadStream(file, 'utf8')).catch((cause: Error) => {
    throw flagError('file', `cannot read ${file}: ${cause.message}`)
  })
  const ok =
    manifest !== null &&
    found.root === manifest.root &&
    found.lines === manifest.lines &&
    found.bytes === manifest.bytes
  if (cli.options.form === 'json') showJson(cli, { ok, manifest, found })
  else cli.terminal.out(`${verdictOf(ok, manifest)}\n`)
  return ok ? 0 : 1
}

const verdictOf = (ok: boolean, manifest: ReturnType<typeof readManifest>): string => {
  if (manifest === null) return 'the manifest is NOT signed by this key'
  if (!ok) return 'the export is NOT as it was signed'
  const size = manifest.checkpoint === null ? 'no checkpoint' : `the checkpoint of size ${manifest.checkpoint.size}`
  return `the export is as it was signed at ${manifest.at}: ${manifest.rows} entries of ${size}`
}

/** A key is typed, or stands in a file. */
const readKey = async ({ config }: Cli, given: string): Promise<NoteVerifier> => {
  const verifier = parseVerifier(given) ?? parseVerifier((await textIn(resolve(config.cwd, given), 'key')).trim())
  if (verifier === null) throw flagError('key', 'the public key of the audit log, or a file with it')
  return verifier
}

const textIn = (path: string, name: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: Error) => {
    throw flagError(name, `cannot read ${path}: ${cause.message}`)
  })
