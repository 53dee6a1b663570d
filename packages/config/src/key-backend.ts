import { resolve } from 'node:path'
import type { Secret } from '@gatehouse/contract'
import { ConfigError } from './environment.ts'
import type { AwsCredentials, Config } from './load.ts'
import { hostOf, isLocal } from './public-url.ts'
import type { Settings } from './settings.ts'

/** Where a key encryption key is, and all that it takes to use it. */
export type KeyBackend =
  | { readonly kind: 'age'; readonly file: string }
  | {
      readonly kind: 'vault'
      readonly address: string
      readonly mount: string
      readonly key: string
      readonly token: Secret<string>
    }
  | ({ readonly kind: 'aws'; readonly keyArn: string; readonly endpoint?: string } & AwsCredentials)

/** What the settings say of a key encryption key, or what is missing. */
type Read = { readonly backend: KeyBackend } | { readonly problems: readonly string[] }

/** The key encryption key of the settings. Throws `ConfigError` where something that it needs is not said. */
export function requireKeyBackend(config: Config): KeyBackend {
  const read = readers[config.settings.kms.backend](config)
  if ('backend' in read) return read.backend
  throw new ConfigError(`the key encryption key is not configured:\n  ${read.problems.join('\n  ')}`)
}

/** What the backend of keys needs, and does not have. */
export function keyBackendProblems(config: Config): readonly string[] {
  const read = readers[config.settings.kms.backend](config)
  return 'problems' in read ? read.problems : []
}

const readers: Readonly<Record<Settings['kms']['backend'], (config: Config) => Read>> = {
  age: ({ runtime, settings }) => ({
    backend: { kind: 'age', file: resolve(runtime.home, settings.kms.age_key_file ?? 'keys/kek.age') },
  }),
  vault: readVault,
  aws: readAws,
  cosmian: () => ({ problems: ['kms.backend: "age", "vault" or "aws"; "cosmian" is not in this version'] }),
}

function readVault({ settings, vaultToken: token }: Config): Read {
  const { vault_address: address, vault_mount_point: mount, vault_key: key } = settings.kms
  if (address !== undefined && token !== null && !isInClear(address))
    return { backend: { kind: 'vault', address, mount, key, token } }
  const problems: string[] = []
  if (address === undefined)
    problems.push('kms.vault_address: where the Vault or OpenBao is; VAULT_ADDR by the environment')
  else if (isInClear(address)) problems.push(`kms.vault_address: ${noClear}`)
  if (token === null) problems.push('VAULT_TOKEN_FILE: a file with a token that may use the key, or VAULT_TOKEN')
  return { problems }
}

function readAws({ settings, awsCredentials }: Config): Read {
  const { aws_key_arn: keyArn, aws_endpoint: endpoint } = settings.kms
  const clear = endpoint !== undefined && isInClear(endpoint)
  if (keyArn !== undefined && awsCredentials !== null && !clear)
    return { backend: { kind: 'aws', keyArn, ...awsCredentials, ...(endpoint === undefined ? {} : { endpoint }) } }
  const problems: string[] = []
  if (keyArn === undefined) problems.push('kms.aws_key_arn: the ARN of the key in AWS KMS')
  if (awsCredentials === null)
    problems.push(
      'AWS_ACCESS_KEY_ID: a user who may use the key, with AWS_SECRET_ACCESS_KEY_FILE or AWS_SECRET_ACCESS_KEY',
    )
  if (clear) problems.push(`kms.aws_endpoint: ${noClear}`)
  return { problems }
}

const noClear = 'https, or http on this machine: keys and credentials go there'

const isInClear = (address: string): boolean =>
  !address.startsWith('https:') && !(address.startsWith('http:') && isLocal(hostOf(address)))
