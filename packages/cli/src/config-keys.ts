import type { Secret } from '@gatehouse/contract'
import { withoutCoreFile } from '@gatehouse/kit/core-files'
import {
  ageKeys,
  ageRecipients,
  awsContext,
  awsKeyNames,
  awsKeys,
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

/** The keys at hand: age identities of this machine, AWS KMS by its credentials, and Vault where it may be asked. */
export const keyServices = async (cli: Cli): Promise<readonly KeyService[]> => {
  await withoutCoreFile() // whoever asks for them is about to hold plaintext
  return [ageKeys(await identities(cli)), ...remoteServices(cli)]
}

/** What encrypts: no identity is read for it. */
export const wrappingServices = (cli: Cli): readonly KeyService[] => [ageKeys([]), ...remoteServices(cli)]

const remoteServices = (cli: Cli): readonly KeyService[] => [awsKeys(cli.now), vaultTransit(cli)]

const identities = ({ config: { environment, cwd } }: Cli): Promise<readonly Secret<string>[]> =>
  identitiesAtHand({ environment, cwd }).catch((cause: unknown) => {
    throw cause instanceof SopsError && cause.code === 'no-key' ? localError(cause.message, { cause }) : cause
  })

/** The keys that flags name, or else variables; null where none do. */
export const namedKeys = ({ config: { environment } }: Cli, { values }: Arguments): KeyNames | null => {
  const [age, aws, vault] = [listOf(values['age']), listOf(values['aws']), listOf(values['vault'])]
  const context = awsContext(listOf(values['encryptionContext']).join(','))
  const keys: readonly KeyName[] = [
    ...ageRecipients(age.join(',')),
    ...awsKeyNames(aws.join(','), { context }),
    ...vaultKeys(vault.join(',')),
  ]
  const usual = (): readonly KeyName[] => [
    ...ageRecipients(environment['SOPS_AGE_RECIPIENTS'] ?? ''),
    ...awsKeyNames(environment['SOPS_KMS_ARN'] ?? '', { context }),
  ]
  const named = keys.length > 0 ? keys : usual()
  if (Object.keys(context).length > 0 && !named.some(({ type }) => type === 'kms'))
    throw flagError(
      'encryption-context',
      'keys of AWS KMS are told it: name one with --aws, or write it into .sops.yaml',
    )
  return named.length === 0 ? null : { groups: [named], threshold: 1 }
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** Refuses where nobody said for whom. */
export const requireKeys = <T extends KeyNames>(keys: T | null): T => {
  if (keys === null)
    throw flagError('age', 'for whom? name recipients, or write a .sops.yaml: gatehouse config init-encryption')
  return keys
}
