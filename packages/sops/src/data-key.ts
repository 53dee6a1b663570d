import { randomBytes } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import { keyText, nameText, type KeyName, type KeyService } from './key-service.ts'
import type { KeyGroup, Metadata } from './metadata.ts'
import { combineShares, splitSecret } from './shamir.ts'
import { SopsError } from './sops-error.ts'

const dataKeyBytes = 32

/** A key for one document. */
export const newDataKey = (): Secret<Uint8Array> => secret(randomBytes(dataKeyBytes))

/** Who may open a document: any key of a group, and so many of the groups. */
export interface KeyNames {
  readonly groups: readonly (readonly KeyName[])[]
  readonly threshold: number
}

/** The data key of a document, by the keys at hand. Where they do not suffice, `no-key` names those that would. */
export const openDataKey = async (
  { groups, threshold }: Pick<Metadata, 'groups' | 'threshold'>,
  services: readonly KeyService[],
): Promise<Secret<Uint8Array>> => {
  const shares: Secret<Uint8Array>[] = []
  for (const group of groups) {
    const share = await openGroup(group, services)
    if (share !== null) shares.push(share)
  }
  const needed = groups.length === 1 ? 1 : threshold
  if (shares.length < needed) throw new SopsError('no-key', noKeyText(groups, { needed, found: shares.length }))
  const [first] = shares
  const bytes =
    groups.length === 1 && first !== undefined ? first.expose() : combineShares(shares.map((share) => share.expose()))
  if (bytes.length !== dataKeyBytes) throw new SopsError('malformed', 'the data key has a wrong length')
  return secret(bytes)
}

/** age first: it asks nobody. */
const openGroup = async (group: KeyGroup, services: readonly KeyService[]): Promise<Secret<Uint8Array> | null> => {
  const inOrder = [...group.filter(({ type }) => type === 'age'), ...group.filter(({ type }) => type !== 'age')]
  for (const stanza of inOrder) {
    const share = (await services.find(({ type }) => type === stanza.type)?.unwrap(stanza)) ?? null
    if (share !== null) return share
  }
  return null
}

/** A list that a person still reads. */
const namedMax = 5

const noKeyText = (groups: readonly KeyGroup[], { needed, found }: { needed: number; found: number }): string => {
  const keys = [...new Set(groups.flat().map(({ type, fields }) => `${type} ${keyText(type, fields).slice(0, 80)}`))]
  const more = keys.length > namedMax ? ` and ${keys.length - namedMax} more` : ''
  const lead =
    groups.length === 1
      ? 'no key at hand opens the document'
      : `${found} of the ${needed} key groups that it takes could be opened`
  return `${lead}; it is encrypted for ${keys.slice(0, namedMax).join(', ')}${more}`
}

/**
 * Wraps a data key for all keys; a share for each group where there are several. Throws `unsupported` for a type
 * without a service.
 */
export const wrapDataKey = async (
  dataKey: Secret<Uint8Array>,
  { groups, threshold }: KeyNames,
  services: readonly KeyService[],
): Promise<readonly KeyGroup[]> => {
  if (groups.length === 0 || groups.some((group) => group.length === 0))
    throw new SopsError('bad-rule', 'there is no key to encrypt for')
  const shares =
    groups.length === 1
      ? [dataKey]
      : splitSecret(dataKey.expose(), { shares: groups.length, threshold }).map((share) => secret(share))
  return Promise.all(
    groups.map((group, index) => Promise.all(group.map((key) => wrapped(key, shares[index] ?? dataKey, services)))),
  )
}

const wrapped = (
  key: KeyName,
  share: Secret<Uint8Array>,
  services: readonly KeyService[],
): Promise<KeyGroup[number]> => {
  const service = services.find(({ type }) => type === key.type)
  if (service === undefined)
    throw new SopsError(
      'unsupported',
      `a key of type \`${key.type}\` cannot be used here: ${nameText(key)}; stock sops can`,
    )
  return service.wrap(key, share)
}
