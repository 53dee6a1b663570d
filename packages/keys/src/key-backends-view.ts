import type { Output } from '@gatehouse/contract'
import type { BackendStanding } from './service/key.queries.ts'
import type { Backends } from './service/open-version.ts'

type KeyBackend = Output<'kmsKey.get'>['backends'][number]

/** How a backend stands to a key, as people see it. */
export const toKeyBackend = (backends: Backends, one: BackendStanding): KeyBackend => ({
  name: one.backend,
  state: stateOf(backends, one),
  versions: one.wrapped,
  of: one.versions,
})

function stateOf(
  backends: Backends,
  { backend, fingerprints, wrapped, versions }: BackendStanding,
): KeyBackend['state'] {
  const known = new Set([...backends.values()].map(({ fingerprint }) => fingerprint))
  // by whichever name: while a backend is changed the one that is left still opens what it wrapped
  if (fingerprints.every((one) => known.has(one))) return wrapped < versions ? 'incomplete' : 'whole'
  return backends.has(backend) ? 'other-key' : 'not-here'
}
