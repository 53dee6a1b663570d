import type { Secret } from '@gatehouse/contract'
import {
  ageKeys,
  ageRecipients,
  identitiesAtHand,
  SopsError,
  vaultKeys,
  type KeyName,
  type KeyNames,
  type KeyService,
} from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import { flagError, localError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { vaultTransit } from './vault-transit.ts'

/** The keys at hand: age identities of this machine, and Vault where it may be asked. */
export const keyServices = async (cli: Cli): Promise<readonly KeyService[]> => [
  ageKeys(await identities(cli)),
  vaultTransit(cli),
]

/** What encrypts: no identity is read for it. */
export const wrappingServices = (cli: Cli): readonly KeyService[] => [ageKeys([]), vaultTransit(cli)]

const identities = ({ config: { environment, cwd } }: Cli): Promise<readonly Secret<string>[]> =>
  identitiesAtHand({ environment, cwd }).catch((cause: unknown) => {
    throw cause instanceof SopsError && cause.code === 'no-key' ? localError(cause.message, { cause }) : cause
  })

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
