import { randomBytes } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import { combineShares, sharesMax, splitSecret } from '@gatehouse/keys/shamir'
import { keyText, nameText, type KeyName, type KeyService } from './key-service.ts'
import type { KeyGroup, Metadata } from './metadata.ts'
import { SopsError } from './sops-error.ts'

const dataKeyBytes = 32

/** A key for one document. */
export const newDataKey = (): Secret<Uint8Array> => secret(randomBytes(dataKeyBytes))

/** Who may open a document: any key of a group, and so many of the groups. */
export interface KeyNames {
  readonly groups: readonly (readonly KeyName[])[]
  readonly threshold: number
}

/** Keys that lie elsewhere are asked one after another, and a stranger's file may name a thousand. */
const remoteKeysMax = 30

/**
 * The data key of a document, by the keys at hand. A key that does not answer is passed over for another of its group.
 * Where they do not suffice, `no-key` names those that would, and what those that were asked said.
 */
export const openDataKey = async (
  { groups, threshold }: Pick<Metadata, 'groups' | 'threshold'>,
  services: readonly KeyService[],
): Promise<Secret<Uint8Array>> => {
  const opener = new Opener(services)
  const needed = groups.length === 1 ? 1 : threshold
  const shares: Secret<Uint8Array>[] = []
  for (const group of groups) {
    const share = shares.length < needed ? await opener.open(group) : null
    if (share !== null) shares.push(share)
  }
  if (shares.length < needed) throw whyNot(opener.refusals, noKeyText(groups, { needed, found: shares.length }))
  const [first] = shares
  const bytes =
    groups.length === 1 && first !== undefined ? first.expose() : combineShares(shares.map((share) => share.expose()))
  if (bytes === null) throw new SopsError('malformed', 'the shares of the data key do not belong together')
  if (bytes.length !== dataKeyBytes) throw new SopsError('malformed', 'the data key has a wrong length')
  return secret(bytes)
}

/** Opens groups, and remembers what the keys said that did not open. */
class Opener {
  readonly refusals: SopsError[] = []
  readonly #services: readonly KeyService[]
  #remoteLeft = remoteKeysMax

  constructor(services: readonly KeyService[]) {
    this.#services = services
  }

  /** age first: it asks nobody. */
  async open(group: KeyGroup): Promise<Secret<Uint8Array> | null> {
    const isLocal = ({ type }: KeyGroup[number]): boolean => type === 'age'
    for (const stanza of [...group.filter(isLocal), ...group.filter((one) => !isLocal(one))]) {
      const service = this.#services.find(({ type }) => type === stanza.type)
      if (service === undefined || (!isLocal(stanza) && this.#remoteLeft-- <= 0)) continue
      const share = await service.unwrap(stanza).catch((error: unknown) => this.#remember(error))
      if (share !== null) return share
    }
    return null
  }

  #remember(error: unknown): null {
    if (!(error instanceof SopsError)) throw error
    this.refusals.push(error)
    return null
  }
}

/** A broken key is the owner's to mend; one that did not open is told of with the others. */
const whyNot = (refusals: readonly SopsError[], noKey: string): SopsError => {
  const broken = refusals.find(({ code }) => code !== 'no-key')
  if (broken !== undefined) return broken
  const said = [...new Set(refusals.map(({ message }) => message))].slice(0, namedMax)
  return new SopsError('no-key', [noKey, ...said].join('; '), { cause: refusals[0] })
}

/** A list that a person still reads. */
const namedMax = 5

const noKeyText = (groups: readonly KeyGroup[], { needed, found }: { needed: number; found: number }): string => {
  const keys = [...new Set(groups.flat().map((stanza) => `${stanza.type} ${keyText(stanza).slice(0, 120)}`))]
  const more = keys.length > namedMax ? ` and ${keys.length - namedMax} more` : ''
  const lead =
    groups.length === 1
      ? 'no key at hand opens the document'
      : `${found} of the ${needed} key groups that it takes could be opened`
  return `${lead}; it is encrypted for ${keys.slice(0, namedMax).join(', ')}${more}`
}

/** For whom a data key is wrapped, and by what. */
export interface Wrapping extends KeyNames {
  readonly services: readonly KeyService[]
  /** Wrapped already, for the one group that there is: those stay as they are. */
  readonly known?: KeyGroup
}

/**
 * Wraps a data key for all keys; a share for each group where there are several. Throws `unsupported` for a type
 * without a service.
 */
export const wrapDataKey = async (
  dataKey: Secret<Uint8Array>,
  { groups, threshold, services, known = [] }: Wrapping,
): Promise<readonly KeyGroup[]> => {
  if (groups.length === 0 || groups.some((group) => group.length === 0))
    throw new SopsError('bad-rule', 'there is no key to encrypt for')
  if (groups.length > 1 && (threshold < 2 || threshold > groups.length || groups.length > sharesMax))
    throw new SopsError(
      'bad-rule',
      `\`shamir_threshold\` has to be from 2 to the number of key groups, ${groups.length}`,
    )
  const shares =
    groups.length === 1
      ? [dataKey]
      : splitSecret(dataKey.expose(), { shares: groups.length, threshold }).map((share) => secret(share))
  const wrap = async (key: KeyName, share: Secret<Uint8Array>): Promise<KeyGroup[number]> =>
    known.find((stanza) => stanza.type === key.type && keyText(stanza) === nameText(key)) ??
    serviceFor(key, services).wrap(key, share)
  return Promise.all(groups.map((group, index) => Promise.all(group.map((key) => wrap(key, shares[index] ?? dataKey)))))
}

const serviceFor = (key: KeyName, services: readonly KeyService[]): KeyService => {
  const service = services.find(({ type }) => type === key.type)
  if (service === undefined)
    throw new SopsError(
      'unsupported',
      `a key of type \`${key.type}\` cannot be used here: ${nameText(key)}; stock sops can`,
    )
  return service
}
