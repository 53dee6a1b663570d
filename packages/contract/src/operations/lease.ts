import { z } from 'zod'
import { operation } from '../operation.ts'
import { BackendName, Lease, LeaseProof, LeaseState } from '../outputs.ts'
import { LeaseMaterial } from '../secret-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { HostReference, PrincipalReference, SecretRoleReference, WorkspaceReference } from '../names.ts'
import { Id, pageInput, Purpose, Reason, TtlSeconds } from '../scalars.ts'
import { searchInput } from '../sorting.ts'

const issued = (item: { issuedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.issuedAt, item.id]
const onLease = { principals: ['User', 'Service'], resource: 'Lease', id: (input: { id: string }) => input.id } as const
const filters = {
  backend: BackendName.optional(),
  state: LeaseState.optional(),
  workspace: WorkspaceReference.optional(),
  principal: PrincipalReference.optional(),
  host: HostReference.optional(),
} as const

/** By what leases stand in their list: `name` is whose they are. */
export const leaseSortKeys = {
  newest: (lease: { issuedAt: Date }) => lease.issuedAt.toISOString(),
  oldest: (lease: { issuedAt: Date }) => lease.issuedAt.toISOString(),
  expiry: (lease: { expiresAt: Date }) => lease.expiresAt.toISOString(),
  name: (lease: { principalName: string }) => lease.principalName,
}

/** How long a lease lives when nobody says, if its role lets it. */
export const leaseSecondsDefault = 3600

export const leaseOperations = [
  operation({
    name: 'lease.issue',
    kind: 'mutation',
    summary: 'Issue a credential of a role, under a lease. It is shown once.',
    input: z.object({
      role: SecretRoleReference,
      workspace: WorkspaceReference.default('default'),
      purpose: Purpose,
      /** Left out: an hour, or what the role gives at most. */
      ttlSeconds: TtlSeconds.optional(),
    }),
    output: z.object({ lease: Lease, material: LeaseMaterial }).meta({ id: 'IssuedLease' }),
    authorize: {
      principals: ['User', 'Service'],
      resource: 'SecretRole',
      id: (input) => input.role,
      contextTypes: { ttlSeconds: 'Long' },
      context: (input) => ({ ttlSeconds: input.ttlSeconds ?? leaseSecondsDefault }),
    },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: ['lease-ended', 'lease-limit-reached'],
    command: { hidden: true },
  }),
  operation({
    name: 'lease.list',
    kind: 'query',
    summary: 'Leases: active and ended credentials.',
    input: z.object({ ...pageInput, ...filters, ...searchInput('LeaseSort', ['newest', 'oldest', 'expiry', 'name']) }),
    output: page(Lease, 'LeasePage'),
    list: { cursor: issued, keys: leaseSortKeys },
    authorize: { principals: ['User', 'Service'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [], personal: ['search'] },
    refusals: [],
    command: {
      columns: ['principalName', 'role', 'state', 'expiresAt', 'purpose', 'backend', 'revocability', 'workspace', 'id'],
      examples: ['', '--state active', '--host db-1', '--backend ssh-certificate --json'],
    },
  }),
  operation({
    name: 'lease.get',
    kind: 'query',
    summary: 'One lease.',
    input: z.object({ id: Id }),
    output: Lease,
    authorize: onLease,
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['LEASE', 'LEASE --json'] },
  }),
  operation({
    name: 'lease.revoke',
    kind: 'mutation',
    summary: 'Revoke a lease: its credential stops working now.',
    input: z.object({ id: Id, reason: Reason }),
    output: Lease,
    authorize: onLease,
    assurance: 'mfa',
    groups: ['writeActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: ['lease-ended'],
    command: { positional: 'id', examples: ['LEASE --reason "done"'] },
  }),
  operation({
    name: 'lease.proof',
    kind: 'query',
    summary: 'Whether the credential of a revoked lease is dead: the signed refusal of whoever would have to take it.',
    input: z.object({ id: Id }),
    output: LeaseProof,
    authorize: onLease,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['LEASE', 'LEASE --json'] },
  }),
  operation({
    name: 'lease.watch',
    kind: 'subscription',
    summary: 'Leases as they change; the active ones come first.',
    input: z.object({ workspace: WorkspaceReference.optional() }),
    output: Lease,
    authorize: { principals: ['User', 'Service'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['principalName', 'role', 'state', 'expiresAt', 'backend', 'id'],
      examples: ['', '--workspace default', '--json'],
    },
  }),
] as const
