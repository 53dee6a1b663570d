import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { keyMaterialBytes } from '../envelope.ts'
import { KekError } from '../kek-error.ts'
import type { KeyEncryptionKey } from '../kek.ts'
import { gather, type Gathered, type Patience, type Source } from './gather.ts'
import { selectVersionWraps, type VersionWraps, type WrappedVersion } from './key.queries.ts'
import type { Nearness } from './nearness.ts'
import { joinShares, shareBytes } from './shares.ts'
import { versionPurpose } from './version-purpose.ts'

/** Backends by the names that keys know them by, in the order in which this process asks them. */
export type Backends = ReadonlyMap<string, KeyEncryptionKey>

/** A backend that was passed over, for the audit log. */
export interface PassedOver {
  readonly keyId: string
  readonly version: number
  readonly backend: string
  /** What it said, as a failure's code; null: nothing. */
  readonly failure: string | null
  /** Who answered instead. */
  readonly answered: readonly string[]
}

export interface OpeningDeps {
  readonly db: Store
  readonly backends: Backends
  readonly nearness: Nearness
  readonly patience: Patience
  /** Writes down that backends were passed over. */
  readonly onPassed: (passed: readonly PassedOver[]) => Promise<void>
}

/** Which version, and by whom: by one backend alone, or not by one that is to be given up. */
export interface Opening {
  readonly keyId: string
  readonly version: number
  readonly only?: string
  readonly without?: string
}

/**
 * The material of a version, by the nearest backend that answers, or by as many as it takes. Throws
 * `Refusal('unavailable')`, which names those that are missing and what to do.
 */
export async function openMaterial(deps: OpeningDeps, opening: Opening): Promise<Uint8Array> {
  const { keyId, version, only, without } = opening
  const { quorum, wraps: all } = await selectVersionWraps(deps.db, keyId, version)
  const wraps = all.filter(({ backend }) => backend !== without && (only ?? backend) === backend)
  const sources = deps.nearness.ordered(sourcesOf(deps.backends, { quorum, wraps }))
  const needed = quorum ?? 1
  const gathered = await gather(sources, { ...deps.patience, needed })
  for (const name of gathered.passed.keys()) deps.nearness.passed(name)
  for (const { name } of gathered.answers) deps.nearness.answered(name)
  if (gathered.answers.length < needed) throw tooFew({ quorum, wraps }, gathered)
  const material = joined({ keyId, version, quorum }, gathered)
  if (gathered.passed.size > 0) await deps.onPassed(passedOver({ keyId, version }, gathered))
  return material
}

/** In the order of the backends; a wrap that nobody here has the key of is no source. */
function sourcesOf(backends: Backends, { quorum, wraps }: VersionWraps): Source<Uint8Array>[] {
  const length = quorum === null ? keyMaterialBytes : shareBytes
  const names = [...backends.keys()]
  return wraps
    .flatMap((wrap) => {
      const kek = kekOf(backends, wrap)
      return kek === null
        ? []
        : [{ name: wrap.backend, at: names.indexOf(kek.name), ask: () => unwrap(kek.kek, wrap, length) }]
    })
    .toSorted((one, other) => one.at - other.at)
}

/**
 * The key that wrapped it: under its own name, or another's while a backend is being changed. Keys of two Vaults may
 * have one name there, so that the own name goes first.
 */
function kekOf(backends: Backends, { backend, fingerprint }: WrappedVersion) {
  const own = backends.get(backend)
  if (own?.fingerprint === fingerprint) return { name: backend, kek: own }
  const [other] = [...backends].filter(([, kek]) => kek.fingerprint === fingerprint)
  return other === undefined ? null : { name: other[0], kek: other[1] }
}

/** What a row says to be a share is one, and whole material is no share. */
async function unwrap(kek: KeyEncryptionKey, wrap: WrappedVersion, length: number): Promise<Uint8Array> {
  const bytes = await kek.unwrap(wrap.wrapped, versionPurpose(wrap))
  const isRight = bytes.length === length && (wrap.share === null || bytes.at(-1) === wrap.share)
  if (!isRight) throw new KekError('unwrap-failed', kek.uri)
  return bytes
}

type OfVersion = Pick<VersionWraps, 'quorum'> & Pick<Opening, 'keyId' | 'version'>

function joined({ keyId, version, quorum }: OfVersion, { answers }: Gathered<Uint8Array>): Uint8Array {
  const shares = answers.map(({ value }) => value)
  const material = quorum === null ? shares[0] : joinShares(shares.slice(0, quorum), { keyId, version, quorum })
  if (material !== null && material !== undefined) return material
  const names = answers.map(({ name }) => `\`${name}\``).join(', ')
  throw new Refusal('unavailable', {
    hint:
      `the shares of this version that ${names} opened do not belong together: one was replaced. Do not encrypt ` +
      'under this key; find out who can write to the database, and bring its rows of `kms_version_wrap` back from ' +
      'a backup',
  })
}

const passedOver = (
  { keyId, version }: Pick<Opening, 'keyId' | 'version'>,
  { answers, passed }: Gathered<Uint8Array>,
): PassedOver[] =>
  [...passed].map(([backend, error]) => ({
    keyId,
    version,
    backend,
    failure: error instanceof KekError ? error.code : null,
    answered: answers.map(({ name }) => name),
  }))

function tooFew({ quorum, wraps }: VersionWraps, { answers, passed }: Gathered<Uint8Array>): Refusal {
  if (wraps.length === 0) return new Refusal('unavailable', { hint: 'no backend has the material of this version' })
  const opened = new Set(answers.map(({ name }) => name))
  const missing = wraps
    .filter(({ backend }) => !opened.has(backend))
    .map(({ backend }) => `\`${backend}\` (${whyNot(passed.get(backend))})`)
  const lead =
    quorum === null
      ? 'no backend has opened this version of the key'
      : `this key opens by ${quorum} of its ${wraps.length} backends together, and ${opened.size} did`
  const [cause] = passed.values()
  return new Refusal('unavailable', { hint: `${lead}; missing: ${missing.join(', ')}` }, { cause })
}

/** The hint is for whoever called; the address of a backend is for the server's own log. */
function whyNot(error: unknown): string {
  if (error === undefined) return 'this server does not have its key: see [kms.regions] in the settings'
  return error instanceof KekError ? `${error.code}: ${error.next}` : 'no answer in time: check that it is up'
}
