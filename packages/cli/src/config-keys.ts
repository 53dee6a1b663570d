import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Secret } from '@gatehouse/contract'
import {
  ageIdentities,
  ageKeys,
  ageRecipients,
  vaultKeys,
  type KeyName,
  type KeyNames,
  type KeyService,
} from '@gatehouse/sops'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError, localError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import type { Arguments } from './parse-arguments.ts'
import { vaultTransit } from './vault-transit.ts'

/** The keys at hand: age identities of this machine, and Vault where it may be asked. */
export const keyServices = async (cli: Cli): Promise<readonly KeyService[]> => [
  ageKeys(await identitiesAtHand(cli)),
  vaultTransit(cli),
]

/** What encrypts: no identity is read for it. */
export const wrappingServices = (cli: Cli): readonly KeyService[] => [ageKeys([]), vaultTransit(cli)]

/** As stock SOPS finds them: the variable, the file that a variable names, the file of the person. */
export const identitiesAtHand = async ({ config }: Cli): Promise<readonly Secret<string>[]> => {
  const { environment } = config
  const named = environment['SOPS_AGE_KEY_FILE'] ?? ''
  const files = named === '' ? [] : [await readKeyFile(resolve(config.cwd, named))]
  const usual = await readFile(keyFilePath(config), 'utf8').catch(() => '') // most people have none
  return [environment['SOPS_AGE_KEY'] ?? '', ...files, usual].flatMap(ageIdentities)
}

const readKeyFile = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw localError(`cannot read the age key file ${path}: ${whyUnread(cause)}`, { cause })
  })

/** Where stock SOPS looks for a person's age identities. */
export const keyFilePath = ({ environment }: CliConfig): string => {
  const home = environment['HOME'] || homedir()
  const own = process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config')
  return join(environment['XDG_CONFIG_HOME'] || own, 'sops', 'age', 'keys.txt')
}

/** The keys that flags or variables name; null where none do. */
export const namedKeys = ({ config }: Cli, { values }: Arguments): KeyNames | null => {
  const [age, vault] = [listOf(values['age']), listOf(values['vault'])]
  const keys: readonly KeyName[] = [...ageRecipients(age.join(',')), ...vaultKeys(vault.join(','))]
  const fallback = keys.length > 0 ? keys : ageRecipients(config.environment['SOPS_AGE_RECIPIENTS'] ?? '')
  return fallback.length === 0 ? null : { groups: [fallback], threshold: 1 }
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** Refuses where nobody said for whom. */
export const requireKeys = <T extends KeyNames>(keys: T | null): T => {
  if (keys === null)
    throw flagError('age', 'for whom? name recipients, or write a .sops.yaml: gatehouse config init-encryption')
  return keys
}
