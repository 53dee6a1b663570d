import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { readDataKey } from './data-key.queries.ts'
import type { KekPlace, KeyEncryptionKey } from './kek.ts'
import type { KekSight, WatchedKek } from './service/watched-kek.ts'
import { countByFingerprint } from './service/status.queries.ts'

/** Nobody waits longer for a backend that hangs: a status that hangs with it tells nothing. */
const withinMs = 1500
/** What was heard a moment ago is told, so that a page that many look at asks a backend four times a minute. */
const freshMs = 15_000
/** Whoever asks for the health of a backend has it asked, and not twice a second. */
const askedFreshMs = 1000

/** The backends of an installation, as this process sees them. */
export interface OwnBackends {
  readonly places: readonly KekPlace[]
  readonly watched: readonly WatchedKek[]
}

/** A backend with where the settings name it. */
export interface SeenBackend {
  readonly place: KekPlace
  /** Null: it is not here. */
  readonly kek: KeyEncryptionKey | null
  readonly sight: KekSight | null
}

/** How recent an answer has to be. `known`: whatever is known; a backend is asked, and not waited for. */
export type Recency = 'asked' | 'fresh' | 'known'

/** Looks at all of them at once. */
export const lookAt = ({ places, watched }: OwnBackends, recency: Recency): Promise<SeenBackend[]> =>
  Promise.all(
    places.map(async (place) => {
      const one = watched.find(({ kek }) => kek.uri === place.uri)
      if (one === undefined) return { place, kek: null, sight: null }
      return { place, kek: one.kek, sight: await sightOf(one, recency) }
    }),
  )

async function sightOf(watched: WatchedKek, recency: Recency): Promise<KekSight> {
  const looking = watched.look({ withinMs, freshMs: recency === 'asked' ? askedFreshMs : freshMs })
  return recency === 'known' ? watched.sight() : looking
}

type Fields = Output<'kms.health'>['backends'][number]

/** A backend as people see it. */
export function toBackendHealth({ place: { section, kind }, kek, sight }: SeenBackend): Fields {
  if (sight === null)
    return {
      section,
      kind,
      state: 'absent',
      since: null,
      checkedAt: null,
      circuitOpen: false,
      failure: null,
      problem: 'the key that the settings name is not on this machine',
      advice: 'leave it where it is kept safe while the other one answers; a start without that needs it',
    }
  const { state, since, checkedAt, failure } = sight
  const circuitOpen = kek?.isResting?.() ?? false
  const said = { failure: failure?.code ?? null, problem: failure?.what ?? null, advice: failure?.next ?? null }
  return { section, kind, state, since, checkedAt, circuitOpen, ...said }
}

/** The same with what it has wrapped. */
export async function listBackends(db: Store, seen: readonly SeenBackend[]): Promise<Output<'kmsBackend.list'>> {
  const [counts, dataKey] = [await countByFingerprint(db), await readDataKey(db)]
  return {
    backends: seen.map((one) => ({
      ...toBackendHealth(one),
      reach: one.kek?.traits.reach ?? null,
      quantumSafe: one.kek === null ? null : one.kek.traits.quantum === 'safe',
      opensDatabase: one.kek === null ? null : dataKey.some((row) => row.kek_fingerprint === one.kek?.fingerprint),
      keys: one.kek === null ? null : (counts.get(one.kek.fingerprint) ?? 0),
    })),
  }
}

/** How it stands with all of them: down where no key can be used, degraded where one of several cannot. */
export function healthOf(seen: readonly SeenBackend[]): Output<'kms.health'>['health'] {
  const here = seen.filter(({ sight }) => sight !== null)
  const unusable = here.filter(({ sight }) => sight?.state === 'unusable')
  if (unusable.length === 0) return 'ok'
  return unusable.length === here.length ? 'down' : 'degraded'
}
