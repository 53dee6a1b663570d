export { deathGoals } from './death-goals.ts'
export { leaseHandlers } from './lease-handlers.ts'
export type { HostsByReference, LeaseHandlersDeps } from './lease-handlers-deps.ts'
export { loadLeaseSlice, ownerOf } from './lease-slice.ts'
export { leaseSweeps } from './lease-sweeps.ts'
export { leaseEnd } from './lease-terms.ts'
export { toLease } from './lease-view.ts'
export { proveDue } from './prove-leases.ts'
export { countRolesIn, readRole, selectRoleReach } from './secret-role.queries.ts'
export type { LeaseAlert, LeasesDeps, LivingEmergencies } from './lease-deps.ts'
export type { Revocation } from './lease-revocation.ts'
export { createLeases, type Leases, type LeaseTerms } from './leases.ts'
export { selectLeaseIdsIn, type LeaseRow } from './lease.queries.ts'
export {
  holdCarryingLease,
  leaseOwners,
  leasesAtTheirEnd,
  countLivingLeases,
  selectLivingLeases,
  type LeaseOwner,
} from './lease-reads.queries.ts'
export type {
  BackendLimits,
  BackendName,
  Backends,
  CredentialPhase,
  LeaseRef,
  RevocableBackend,
  SecretBackend,
  Testimony,
} from './secret-backend.ts'
export type { Provider } from './secret-provider.ts'
export { BackendError } from './backends/backend-error.ts'
export { reachService, serviceAddress } from './backends/reach-service.ts'
export {
  endAlone,
  makeLikeOwn,
  ownToken,
  renewOwn,
  sshCaKey,
  signSshKey,
  type OwnToken,
  type Vault,
} from './backends/vault/vault-server.ts'
export { backendRefusal } from './reach-backend.ts'
export { secretsDomain, type SecretsNeeds, type SecretsPorts } from './domain.ts'
