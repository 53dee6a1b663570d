import { secret, type Secret } from '@gatehouse/contract'
import type { SealedPlace, Sealer } from '@gatehouse/enforcement'
import { BackendError } from './backends/backend-error.ts'
import { reachBackend } from './reach-backend.ts'
import type { LeaseRef, RevocableBackend, Testimony } from './secret-backend.ts'
import {
  backendOfLease,
  backendsOfLeases,
  closeCredentials,
  endCredentials,
  handleOf,
  keepWitness,
  standing,
  type SecretBackendRow,
  witnessOf,
  type StandingBackend,
} from './secret-backend.queries.ts'
import type { ReachDeps } from './secret-deps.ts'
import type { CredentialRef, Provider } from './secret-provider.ts'

/** All backends of one kind, as the engine of leases has them: each lease's row says which of them it is of. */
export const providerBackend = (deps: ReachDeps, { kind, limits, prove, renew }: Provider): RevocableBackend => ({
  name: kind,
  limits,
  ...(renew === undefined
    ? {}
    : {
        renew: async (lease, until) => {
          const row = await backendOfLease(deps.db, lease.id)
          if (row === null) throw new BackendError('unfit', 'nothing was ever asked of a backend for this lease')
          const credential = await credentialOf(deps, lease, row)
          return reachBackend(deps, required(row), (_, target) => renew(target, credential, until))
        },
      }),
  revoke: async (lease) => {
    const row = await backendOfLease(deps.db, lease.id)
    if (row === null) return // nothing was ever asked for
    const credential = { ...(await credentialOf(deps, lease, row)), keepWitness: witnessKeeper(deps, lease.id) }
    await reachBackend(deps, required(row), (provider, target) => provider.revoke(target, credential))
  },
  ...(prove === undefined ? {} : { prove: (lease) => testimonyOf(deps, { lease, prove }) }),
  placesOf: (leaseIds) => backendsOfLeases(deps.db, leaseIds),
  mark: async (tx, leaseIds, phase) => {
    if (leaseIds.length > 0) await (phase === 'removing' ? closeCredentials : endCredentials)(tx, leaseIds)
  },
})

const credentialOf = async (
  { db }: ReachDeps,
  lease: LeaseRef,
  { id }: SecretBackendRow,
): Promise<CredentialRef<unknown>> => ({ lease, backendId: id, handle: await handleOf(db, lease.id) })

const witnessPlace = (leaseId: string): SealedPlace => ({ table: 'secret_credential', column: 'witness', id: leaseId })

const witnessKeeper =
  ({ db, sealer }: ReachDeps, leaseId: string) =>
  (witness: Secret<string>): Promise<void> =>
    keepWitness(db, leaseId, Buffer.from(sealer.seal(witnessPlace(leaseId), Buffer.from(witness.expose(), 'utf8'))))

const openWitness = (sealer: Sealer, leaseId: string, sealed: Buffer): Secret<string> =>
  secret(Buffer.from(sealer.unseal(witnessPlace(leaseId), sealed)).toString('utf8'))

function required(row: SecretBackendRow): StandingBackend {
  const backend = standing(row)
  if (backend === null) throw new BackendError('unfit', `the backend \`${row.name}\` was removed`)
  return backend
}

async function testimonyOf(
  deps: ReachDeps,
  { lease, prove }: { readonly lease: LeaseRef; readonly prove: NonNullable<Provider['prove']> },
): Promise<Testimony> {
  const row = await backendOfLease(deps.db, lease.id)
  if (row === null) throw new BackendError('unfit', 'no credential was ever asked for')
  const sealed = await witnessOf(deps.db, lease.id)
  const witness = sealed === null ? null : openWitness(deps.sealer, lease.id, sealed)
  const credential = { ...(await credentialOf(deps, lease, row)), witness }
  const told = await reachBackend(deps, required(row), (_, target) => prove(target, credential))
  return { ...told, provider: `${row.kind} ${row.name}` }
}
