import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  encryptAgain,
  openDocument,
  plainBytes,
  readPlainDocument,
  requireNothingLost,
  SopsError,
  type OpenDocument,
} from '@gatehouse/sops'
import { catchSignals, exitCodeOf } from './child-program.ts'
import type { Cli } from './cli.ts'
import { localError } from './cli-error.ts'
import {
  aboutFile,
  readConfigFile,
  replaceFile,
  replaceUnchanged,
  requireReplaceable,
  type ConfigFile,
} from './config-files.ts'
import { keyServices } from './config-keys.ts'
import { withMemoryDirectory } from './memory-directory.ts'
import type { Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'

/** `config edit`. */
export const runConfigEdit = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  await requireReplaceable(file)
  const services = await aboutFile(file.name, () => keyServices(cli))
  const document = await aboutFile(file.name, () => openDocument(file.bytes, { format: file.format, services }))
  const encrypted = await withMemoryDirectory(cli.config.environment, (directory) =>
    edit(cli, { directory, file, document }),
  )
  if (encrypted === null) {
    cli.terminal.talk(`${printable(file.name)} was not changed\n`)
    return 0
  }
  if (!(await replaceUnchanged(file, encrypted))) throw await keptAside(file, encrypted)
  cli.terminal.talk(`${printable(file.name)} is encrypted again\n`)
  return 0
}

/** Two edits at once: theirs stays in its place, and ours beside it, encrypted; nothing of either is lost. */
const keptAside = async ({ path, name, format }: ConfigFile, encrypted: Uint8Array): Promise<Error> => {
  const aside = `.edited-${randomBytes(4).toString('hex')}`
  await replaceFile(`${path}${aside}`, encrypted)
  const type = `--type ${format}`
  return localError(
    `${name} was changed by somebody else while you edited it, and was left as it is; your edit is in ` +
      `${name}${aside}, encrypted`,
    {
      hint:
        `see what you changed with \`gatehouse config decrypt ${name}${aside} ${type}\`, put it into ` +
        `\`gatehouse config edit ${name} ${type}\`, then delete ${name}${aside}`,
    },
  )
}

interface Editing {
  readonly directory: string
  readonly file: ConfigFile
  readonly document: OpenDocument
}

/** The file encrypted again; null where nothing was changed. */
const edit = async (cli: Cli, { directory, file, document }: Editing): Promise<Uint8Array | null> => {
  const path = join(directory, basename(file.path))
  const before = Buffer.from(plainBytes(document))
  await writeFile(path, before, { mode: 0o600, flag: 'wx' })
  for (;;) {
    await runEditor(cli, path)
    const after = await readFile(path)
    if (after.equals(before)) return null
    try {
      requireNothingLost(after, file.format)
      return encryptAgain(document, readPlainDocument(after, file.format), cli.now())
    } catch (error) {
      if (!(error instanceof SopsError)) throw error
      await askAgain(cli, error)
    }
  }
}

/** What cannot be read is edited once more; without a person it is refused, and nothing is written. */
const askAgain = async ({ terminal }: Cli, error: SopsError): Promise<void> => {
  const refused = localError(`what was edited cannot be encrypted: ${error.message}; nothing was changed`, {
    cause: error,
  })
  if (!terminal.interactive) throw refused
  const answer = await terminal.ask(`${error.message}\nedit again? [Y/n] `, 'shown')
  if (/^n/i.test(answer)) throw refused
}

const runEditor = async ({ config }: Cli, path: string): Promise<void> => {
  const { environment } = config
  const editor = environment['SOPS_EDITOR'] || environment['EDITOR'] || 'vi'
  const signals = catchSignals()
  try {
    // the person's own variable, which may hold arguments; the path is one of them
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], {
      stdio: 'inherit',
      env: environment,
      cwd: config.cwd,
    })
    signals.passTo(child)
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null] // what Node documents
    const exit = exitCodeOf(code, signal)
    if (exit !== 0)
      throw localError(`the editor ended with ${exit}; nothing was changed`, { hint: 'EDITOR names the one to use' })
  } finally {
    signals.release()
  }
}
