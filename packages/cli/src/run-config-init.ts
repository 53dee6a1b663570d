import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  ageIdentities,
  keyFilePath,
  newAgeKeyFile,
  recipientOf,
  ruleFileName,
  ruleFileText,
  ruleFor,
  type KeyNames,
} from '@gatehouse/sops'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { CliError, flagError, localError } from './cli-error.ts'
import { aboutFile } from './config-files.ts'
import { namedKeys } from './config-keys.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { showJson } from './show-output.ts'

/** `config init-encryption`. An existing rule file is not touched. */
export const runConfigInit = async (cli: Cli, args: Arguments): Promise<number> => {
  const kms = textOf(args.values, 'kms') ?? 'age'
  if (kms === 'cosmian')
    throw flagError(
      'kms',
      "keys in cosmian are the server's: --kms vault --vault https://GATEHOUSE/v1/transit/keys/NAME names its facade",
    )
  const named = await aboutFile('--age', async () => namedKeys(cli, args))
  if (kms === 'aws' && !isNamed(named, 'kms')) throw flagError('aws', 'the key: arn:aws:kms:REGION:ACCOUNT:key/ID')
  if (kms === 'vault' && !isNamed(named, 'hc_vault'))
    throw flagError('vault', 'the key: https://HOST/v1/transit/keys/NAME')
  const made = named === null ? await ownKey(cli) : null
  const rule = ruleFileText({
    pathRegex: textOf(args.values, 'pathRegex') ?? String.raw`\.(ya?ml|json|env|ini)$`,
    encryptedRegex: textOf(args.values, 'encryptedRegex'),
    keys: named?.groups.flat() ?? made?.keys ?? [],
  })
  await aboutFile(ruleFileName, async () => ruleFor(rule, 'any.yaml')).catch((error: unknown) => {
    // a pattern need not fit this name
    if (!(error instanceof CliError && error.details['reason'] === 'no-rule')) throw error
  })
  const path = join(cli.config.cwd, ruleFileName)
  await writeNew(path, rule, 0o644)
  if (cli.options.form === 'json')
    showJson(cli, { ruleFile: path, keyFile: made?.path ?? null, keyMade: made?.isNew ?? false })
  else
    cli.terminal.talk(
      `wrote ${path}\n${made === null ? '' : keyText(made)}next: gatehouse config encrypt-all . --dry-run\n`,
    )
  return 0
}

const isNamed = (keys: KeyNames | null, type: string): boolean =>
  keys?.groups.flat().some((key) => key.type === type) === true

interface OwnKey {
  readonly path: string
  readonly isNew: boolean
  readonly keys: ReturnType<typeof keysOf>
}

const keyText = ({ path, isNew }: OwnKey): string =>
  isNew
    ? `made an age key in ${path}: keep a copy of it, nobody can read your files without\n`
    : `your age key is in ${path}\n`

/** The person's own age key; made where there is none. */
const ownKey = async ({ config }: Cli): Promise<OwnKey> => {
  const path = keyFilePath(config.environment)
  const before = await readFile(path, 'utf8').catch(() => null)
  const content = before ?? (await newAgeKeyFile())
  const [identity] = ageIdentities(content)
  if (identity === undefined) throw localError(`${path} holds no age identity`)
  if (before === null) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeNew(path, content, 0o600)
  }
  return { path, isNew: before === null, keys: keysOf(await recipientOf(identity)) }
}

const keysOf = (recipient: string) => [{ type: 'age', fields: [['recipient', recipient] as const] }]

const writeNew = async (path: string, content: string, mode: number): Promise<void> => {
  try {
    const file = await open(path, 'wx', mode)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    if (isThere) throw new CliError({ code: 'conflict', message: `${path} is there already`, hint: 'edit it by hand' })
    throw localError(`cannot write ${path}: ${whyUnread(cause)}`, { cause })
  }
}
