import { resolve } from 'node:path'
import type { Secret } from '@gatehouse/contract'
import { ConfigError } from './environment.ts'
import { readSecretFile, type AwsCredentials, type Config } from './load.ts'
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
  | {
      readonly kind: 'pkcs11'
      readonly module: string
      readonly token: string
      readonly key: string
      readonly pin: Secret<string>
    }
  | { readonly kind: 'cosmian'; readonly address: string; readonly key: string; readonly token: Secret<string> }
  | ({ readonly kind: 'aws'; readonly keyArn: string; readonly endpoint?: string } & AwsCredentials)

/** The key encryption keys of the settings. */
export interface KeyBackends {
  readonly first: KeyBackend
  readonly second: KeyBackend | null
  /** Further ones that keys may be given, in the order of the settings. */
  readonly regions: readonly { readonly name: string; readonly backend: KeyBackend }[]
  /** Which of all of them this machine asks first; null: in their order. */
  readonly nearest: string | null
}

/** The key encryption keys of the settings. Throws `ConfigError` where something that one needs is not said. */
export function requireKeyBackends(config: Config): KeyBackends {
  const { first, second, regions } = readAll(config)
  const problems = keyBackendProblems(config)
  if (!('backend' in first) || problems.length > 0)
    throw new ConfigError(`the key encryption key is not configured:\n  ${problems.join('\n  ')}`)
  return {
    first: first.backend,
    second: second !== null && 'backend' in second ? second.backend : null,
    regions: regions.flatMap(({ name, read }) => ('backend' in read ? [{ name, backend: read.backend }] : [])),
    nearest: config.settings.kms.nearest ?? null,
  }
}

/** What the backends of keys need, and do not have. */
export function keyBackendProblems(config: Config): readonly string[] {
  const { first, second, regions } = readAll(config)
  const { nearest } = config.settings.kms
  const problems = [first, second, ...regions.map(({ read }) => read)].flatMap((read) =>
    read !== null && 'problems' in read ? read.problems : [],
  )
  if (nearest === undefined || nearest === 'installation' || regions.some(({ name }) => name === nearest))
    return problems
  return [...problems, `kms.nearest: \`installation\` or a section of [kms.regions]; \`${nearest}\` is none`]
}

/** What a section says of a key encryption key, or what is missing. */
type Read = { readonly backend: KeyBackend } | { readonly problems: readonly string[] }

function readAll(config: Config) {
  const { second, regions, nearest: _, ...first } = config.settings.kms
  const readAt = (at: string, place: Section['place']): Read => readers[place.backend]({ config, at, place })
  return {
    first: readAt('kms', first),
    second: second === undefined ? null : readAt('kms.second', second),
    regions: Object.entries(regions).map(([name, place]) => ({ name, read: readRegion(config, name, place) })),
  }
}

/** A region has its own file and its own token: what is not said would be that of `[kms]`. */
function readRegion(config: Config, name: string, place: Section['place']): Read {
  const at = `kms.regions.${name}`
  if (place.backend === 'age' && place.age_key_file === undefined)
    return { problems: [`${at}.age_key_file: the file of this region's age identity`] }
  if (place.backend === 'vault' && place.vault_token_file === undefined)
    return { problems: [`${at}.vault_token_file: a file with the token for this region`] }
  return readers[place.backend]({ config, at, place })
}

/** A section of the settings that names a key. */
interface Section {
  readonly config: Config
  /** What errors call it. */
  readonly at: string
  readonly place: Omit<Settings['kms'], 'second' | 'regions' | 'nearest'>
}

const readers: Readonly<Record<Settings['kms']['backend'], (section: Section) => Read>> = {
  age: ({ config: { runtime }, place }) => ({
    backend: { kind: 'age', file: resolve(runtime.home, place.age_key_file ?? 'keys/kek.age') },
  }),
  vault: readVault,
  aws: readAws,
  pkcs11: readPkcs11,
  cosmian: readCosmian,
}

function readVault({ config, at, place }: Section): Read {
  const { vault_address: address, vault_mount_point: mount, vault_key: key, vault_token_file: file } = place
  const token = file === undefined ? config.vaultToken : secretIn(resolve(config.runtime.root, file))
  if (address !== undefined && token !== null && !isInClear(address))
    return { backend: { kind: 'vault', address, mount, key, token } }
  const problems: string[] = []
  if (address === undefined)
    problems.push(
      `${at}.vault_address: where the Vault or OpenBao is${at === 'kms' ? '; VAULT_ADDR by the environment' : ''}`,
    )
  else if (isInClear(address)) problems.push(`${at}.vault_address: ${noClear}`)
  if (token === null)
    problems.push(
      `${at}.vault_token_file: a file that this process can read, with a token that may use the key; or ` +
        'VAULT_TOKEN_FILE or VAULT_TOKEN by the environment',
    )
  return { problems }
}

function secretIn(file: string): Secret<string> | null {
  try {
    return readSecretFile('a secret', file)
  } catch (error) {
    if (error instanceof ConfigError) return null // it is told with all else that is missing
    throw error
  }
}

function readAws({ config: { awsCredentials }, at, place }: Section): Read {
  const { aws_key_arn: keyArn, aws_endpoint: endpoint } = place
  const clear = endpoint !== undefined && isInClear(endpoint)
  if (keyArn !== undefined && awsCredentials !== null && !clear)
    return { backend: { kind: 'aws', keyArn, ...awsCredentials, ...(endpoint === undefined ? {} : { endpoint }) } }
  const problems: string[] = []
  if (keyArn === undefined) problems.push(`${at}.aws_key_arn: the ARN of the key in AWS KMS`)
  if (awsCredentials === null)
    problems.push(
      'AWS_ACCESS_KEY_ID: a user who may use the key, with AWS_SECRET_ACCESS_KEY_FILE or AWS_SECRET_ACCESS_KEY',
    )
  if (clear) problems.push(`${at}.aws_endpoint: ${noClear}`)
  return { problems }
}

function readPkcs11({ config: { runtime }, at, place }: Section): Read {
  const { pkcs11_module: module, pkcs11_token: token, pkcs11_key: key, pkcs11_pin_file: file } = place
  const pin = file === undefined ? null : secretIn(resolve(runtime.root, file))
  if (module !== undefined && token !== undefined && pin !== null)
    return { backend: { kind: 'pkcs11', module: resolve(runtime.root, module), token, key, pin } }
  const problems: string[] = []
  if (module === undefined) problems.push(`${at}.pkcs11_module: the library of the token's maker`)
  if (token === undefined) problems.push(`${at}.pkcs11_token: the token's label`)
  if (pin === null)
    problems.push(`${at}.pkcs11_pin_file: a file that this process can read, with the PIN of the token's user`)
  return { problems }
}

function readCosmian({ config: { runtime }, at, place }: Section): Read {
  const { cosmian_address: address, cosmian_key: key, cosmian_token_file: file } = place
  const token = file === undefined ? null : secretIn(resolve(runtime.root, file))
  const clear = address !== undefined && isInClear(address)
  if (address !== undefined && key !== undefined && token !== null && !clear)
    return { backend: { kind: 'cosmian', address, key, token } }
  const problems: string[] = []
  if (address === undefined) problems.push(`${at}.cosmian_address: where the Cosmian KMS is`)
  if (clear) problems.push(`${at}.cosmian_address: ${noClear}`)
  if (key === undefined) problems.push(`${at}.cosmian_key: the unique identifier of the key there`)
  if (token === null)
    problems.push(
      `${at}.cosmian_token_file: a file that this process can read, with what the KMS takes as bearer token`,
    )
  return { problems }
}

const noClear = 'https, or http on this machine: keys and credentials go there'

const isInClear = (address: string): boolean =>
  !address.startsWith('https:') && !(address.startsWith('http:') && isLocal(hostOf(address)))
