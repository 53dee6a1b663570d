import { randomBytes } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import { keyMaterialBytes } from '../envelope.ts'
import { KekError } from '../kek-error.ts'
import type { KeyEncryptionKey } from '../kek.ts'
import { wrapProven } from '../wrap-proven.ts'
import type { WrappedVersion } from './key.queries.ts'
import type { Backends } from './open-version.ts'
import { shareMaterial } from './shares.ts'
import { versionPurpose, type WrapPlace } from './version-purpose.ts'

/** Which backends wrap the versions of a key, and how many of them open one together; null: any one. */
export interface Spread {
  readonly backends: readonly string[]
  readonly quorum: number | null
}

/** A version that nobody has yet, as its backends wrapped it. */
export interface NewVersion {
  readonly keyId: string
  readonly version: number
  readonly wraps: readonly WrappedVersion[]
}

/** A version cannot be wrapped, for these backends are not here, or did not do it. */
export class BackendsAway extends Refusal {
  readonly backends: readonly string[]

  constructor(backends: readonly string[], hint: string, options?: ErrorOptions) {
    super('unavailable', { hint }, options)
    this.backends = backends
  }
}

type VersionOf = Pick<NewVersion, 'keyId' | 'version'>

/**
 * New material of a version, wrapped by all of these backends or by none. Throws `BackendsAway`, which names those that
 * did not: a version that only some have would be lost with them, and nobody would know.
 */
export async function wrapNew(backends: Backends, of: VersionOf, spread: Spread): Promise<NewVersion> {
  const [first, ...others] = requireBackends(backends, spread.backends)
  if (first === undefined) throw new TypeError('a version is wrapped by a backend')
  if (spread.quorum !== null) return { ...of, wraps: await wrapShares([first, ...others], of, spread.quorum) }
  const place: WrapPlace = { ...of, share: null }
  const [made] = await askedAll([first], ({ kek }) => kek.generate(versionPurpose(place)))
  if (made === undefined) throw new TypeError('one backend was asked')
  const rest = await askedAll(others, (one) => wrapped(one, place, made.dataKey))
  return { ...of, wraps: [rowOf(first, place, made.wrapped), ...rest] }
}

/** The material is made here: where one backend made it, that backend would know the whole. */
async function wrapShares(named: readonly Named[], of: VersionOf, quorum: number): Promise<WrappedVersion[]> {
  const shares = shareMaterial(randomBytes(keyMaterialBytes), { ...of, quorum }, named.length)
  const numbered = named.map((one, index) => ({ ...one, share: index + 1, bytes: shares[index] ?? Buffer.alloc(0) }))
  return askedAll(numbered, (one) => wrapped(one, { ...of, share: one.share }, one.bytes))
}

/** What is to be wrapped by one more backend. */
export interface Copy extends VersionOf {
  readonly backend: string
  readonly material: Uint8Array
}

/** The material of a version as one more backend wraps it. */
export async function wrapAgain(backends: Backends, { backend, material, ...of }: Copy): Promise<WrappedVersion> {
  const named = requireBackends(backends, [backend])
  const [row] = await askedAll(named, (one) => wrapped(one, { ...of, share: null }, material))
  if (row === undefined) throw new TypeError('one backend was asked')
  return row
}

interface Named {
  readonly name: string
  readonly kek: KeyEncryptionKey
}

/** Backends of the settings. Throws `Refusal('unavailable')`, which names all that are not here. */
function requireBackends(backends: Backends, names: readonly string[]): Named[] {
  const missing = names.filter((name) => !backends.has(name))
  if (missing.length > 0) {
    const named = missing.map((name) => `\`${name}\``).join(', ')
    throw new BackendsAway(
      missing,
      `this server does not have the keys of all backends; missing: ${named}: see [kms.regions] in the settings, or ` +
        'give a region up with `kms-key withdraw`',
    )
  }
  return names.flatMap((name) => {
    const kek = backends.get(name)
    return kek === undefined ? [] : [{ name, kek }]
  })
}

const wrapped = async (one: Named, place: WrapPlace, bytes: Uint8Array): Promise<WrappedVersion> =>
  rowOf(one, place, await wrapProven(one.kek, bytes, versionPurpose(place)))

const rowOf = ({ name, kek }: Named, { keyId, version, share }: WrapPlace, text: string): WrappedVersion => ({
  keyId,
  version,
  share,
  backend: name,
  fingerprint: kek.fingerprint,
  wrapped: text,
})

/** Asks all of them at once. Throws with all that failed: who reads it need not find one after the other. */
async function askedAll<N extends Named, T>(named: readonly N[], ask: (one: N) => Promise<T>): Promise<T[]> {
  const settled = await Promise.allSettled(named.map((one) => ask(one)))
  const failed = settled.flatMap((one, index) =>
    one.status === 'rejected' ? [{ name: named[index]?.name ?? '', error: one.reason as unknown }] : [],
  )
  const [first] = failed
  if (first === undefined) return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const other = failed.find(({ error }) => !(error instanceof KekError))
  if (other !== undefined) throw other.error
  const names = failed.map(({ name }) => name)
  throw new BackendsAway(names, unusable(failed), { cause: first.error })
}

/** The hint is for whoever called; the address of a backend is for the server's own log. */
const unusable = (failed: readonly { readonly name: string; readonly error: unknown }[]): string =>
  failed
    .map(({ name, error }) =>
      error instanceof KekError ? `the backend \`${name}\` cannot be used (${error.code}): ${error.next}` : '',
    )
    .join('; ')
