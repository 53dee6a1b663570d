import { z } from 'zod'
import { operation } from '../operation.ts'
import { BackendName, Lease, LeaseProof, LeaseState } from '../lease-outputs.ts'
import { LeaseMaterial, LeaseRevocations, LeaseStats, LeaseWrap, UnwrappedLease } from '../secret-outputs.ts'
import { page, type Cursor } from '../page.ts'
import {
  HostReference,
  PrincipalReference,
  SecretBackendReference,
  SecretRoleReference,
  WorkspaceReference,
} from '../names.ts'
import { Id, Instant, pageInput, Purpose, Reason, SecretText, TtlSeconds } from '../scalars.ts'
import { searchInput } from '../sorting.ts'
import { lineOf, wholeNumber } from '../text.ts'
import { leaseOfWrapToken } from '../wrap-token.ts'

const issued = (item: { issuedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.issuedAt, item.id]
const onLease = { principals: ['User', 'Service'], resource: 'Lease', id: (input: { id: string }) => input.id } as const
/** By what leases are found, and how they stand then. */
export const leaseFilters = {
  backend: BackendName.optional(),
  state: LeaseState.optional(),
  workspace: WorkspaceReference.optional(),
  principal: PrincipalReference.optional(),
  host: HostReference.optional(),
  ...searchInput('LeaseSort', ['newest', 'oldest', 'expiry', 'name']),
} as const

/** Longer than `account@host` ever is. */
const LeaseRole = lineOf(192)

/** What is revoked together: leases for which all of these hold that are given. */
const bulk = {
  /** Whose they are. */
  principal: PrincipalReference.optional(),
  /** Of a configured backend, by its name or id, or of all of one kind. */
  backend: SecretBackendReference.optional(),
  /** What was asked for: a role by its name or id, or `account@host`. */
  role: LeaseRole.optional(),
  /** What the role begins with. */
  prefix: LeaseRole.optional(),
  host: HostReference.optional(),
  /** What was issued in one session, also in one that was approved for an emergency. */
  session: Id.optional(),
  /** What a request for emergency access opened, once it was approved and activated. */
  approval: Id.optional(),
  workspace: WorkspaceReference.optional(),
} as const

/** An hour ahead, a person can still do something about it. */
const expiringSecondsDefault = 3600
const expiringSecondsMax = 7 * 86_400
const expiring = (item: { expiresAt: Date; id: string }): readonly [Cursor['at'], string] => [item.expiresAt, item.id]

const seen = {
  authorize: { principals: ['User', 'Service'], resource: 'Workspace' },
  assurance: 'pw',
  groups: ['readActions'],
  audit: { omit: [] },
  refusals: [],
} as const

/** By what leases stand in their list: `name` is whose they are. */
export const leaseSortKeys = {
  newest: (lease: { issuedAt: Date }) => lease.issuedAt.toISOString(),
  oldest: (lease: { issuedAt: Date }) => lease.issuedAt.toISOString(),
  expiry: (lease: { expiresAt: Date }) => lease.expiresAt.toISOString(),
  name: (lease: { principalName: string }) => lease.principalName,
}

const Leases = page(Lease, 'LeasePage')

/** How long a lease lives when nobody says, if its role lets it. */
export const leaseSecondsDefault = 3600

/** Whoever waits longer for a credential than a day asks for one when they need it. */
const wrapSecondsMax = 86_400

export const leaseOperations = [
  operation({
    name: 'lease.issue',
    kind: 'mutation',
    summary: 'Issue a credential of a role, under a lease. It is shown once, or wrapped for who opens it once.',
    input: z.object({
      role: SecretRoleReference,
      workspace: WorkspaceReference.default('default'),
      purpose: Purpose,
      /** Left out: an hour, or what the role gives at most. */
      ttlSeconds: TtlSeconds.optional(),
      /**
       * The credential is not in the answer, but a token that opens it once within this time; unless somebody does,
       * the lease ends then.
       */
      wrapSeconds: wholeNumber({ min: 1, max: wrapSecondsMax, unit: 'seconds' }).optional(),
    }),
    output: z
      .object({
        lease: Lease,
        /** All of its fields are null where it is wrapped. */
        material: LeaseMaterial,
        wrap: LeaseWrap.nullable(),
      })
      .meta({ id: 'IssuedLease' }),
    authorize: {
      principals: ['User', 'Service'],
      resource: 'SecretRole',
      id: (input) => input.role,
      contextTypes: { ttlSeconds: 'Long', wrapSeconds: 'Long' },
      // 0: it is not wrapped
      context: (input) => ({
        ttlSeconds: input.ttlSeconds ?? leaseSecondsDefault,
        wrapSeconds: input.wrapSeconds ?? 0,
      }),
    },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: ['lease-ended', 'lease-limit-reached', 'locked'],
    command: { hidden: true },
  }),
  operation({
    name: 'lease.unwrap',
    kind: 'mutation',
    summary: 'Open a wrapped credential by its token, once.',
    input: z.object({
      token: SecretText,
      /** What it is expected to be of: a token that was exchanged for another on its way opens something else. */
      role: SecretRoleReference.optional(),
    }),
    output: z.object({ lease: UnwrappedLease, material: LeaseMaterial }).meta({ id: 'OpenedLease' }),
    authorize: {
      principals: ['Anonymous', 'User', 'Service'],
      resource: 'Lease',
      // its secret half stays behind; what names no lease of ours names none at all
      id: (input) => leaseOfWrapToken(input.token) ?? 'none',
    },
    assurance: 'none',
    groups: [],
    audit: { omit: [] },
    refusals: ['lease-ended', 'locked'],
    command: { hidden: true },
  }),
  operation({
    name: 'lease.list',
    kind: 'query',
    summary: 'Leases: active and ended credentials.',
    input: z.object({ ...pageInput, ...leaseFilters }),
    output: Leases,
    list: { cursor: issued, keys: leaseSortKeys },
    authorize: { principals: ['User', 'Service'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [], personal: ['search'] },
    refusals: [],
    command: {
      columns: ['principalName', 'role', 'state', 'expiresAt', 'purpose', 'backend', 'revocability', 'workspace', 'id'],
      aliases: ['secrets list'],
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
    command: { positional: 'id', aliases: ['secrets get'], examples: ['LEASE', 'LEASE --json'] },
  }),
  operation({
    name: 'lease.renew',
    kind: 'mutation',
    summary: 'Have a lease of your own live on, from now and never beyond its maximum. Its answer says until when.',
    input: z.object({
      id: Id,
      /** Left out: an hour. What goes beyond the maximum is cut off. */
      ttlSeconds: TtlSeconds.optional(),
    }),
    output: Lease,
    authorize: onLease,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: ['lease-ended', 'lease-not-renewable', 'locked'],
    ownMax: 4,
    command: {
      positional: 'id',
      aliases: ['secrets renew'],
      examples: ['LEASE', 'LEASE --ttl 30m', 'LEASE --ttl 2h --json'],
    },
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
    command: { positional: 'id', aliases: ['secrets revoke'], examples: ['LEASE --reason "done"'] },
  }),
  operation({
    name: 'lease.revokeMany',
    kind: 'mutation',
    summary:
      'Revoke all leases of a person, backend, role, host, session or approval, in all workspaces where you may.',
    input: z.object({
      ...bulk,
      reason: Reason,
      /** True: only says which they would be; nothing is revoked. */
      dryRun: z.boolean().default(false),
    }),
    output: LeaseRevocations,
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: {
      help: {
        principal: 'whose leases: a person or service account',
        backend: 'name or id of a backend, or its kind',
        role: 'what was asked for, such as shop-read or deploy@db-1',
        prefix: 'what the role begins with',
        session: 'session in which they were issued, an emergency session too',
        approval: 'request for emergency access that opened them, by its id',
        dryRun: 'say which they would be, and revoke none',
      },
      examples: [
        '--principal ada --reason "left the company"',
        '--backend shop-db --reason "the server was broken into"',
        '--approval REQUEST --reason "it was approved by mistake"',
        '--prefix shop- --workspace shop --reason "new passwords for all" --dry-run',
      ],
    },
  }),
  operation({
    name: 'lease.forceRevoke',
    kind: 'mutation',
    summary:
      'Revoke a lease whose backend does not do it: it is tried once more, then given up; says what may still work.',
    input: z.object({ id: Id, reason: Reason }),
    output: z
      .object({
        lease: Lease,
        /** Its credential may work until then, since nobody said that it is gone; null: it is. */
        mayWorkUntil: Instant.nullable(),
        /** What the backend said instead. */
        problem: z.string().nullable(),
      })
      .meta({ id: 'ForcedLease' }),
    authorize: { ...onLease, principals: ['User'] },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: ['lease-ended'],
    command: { positional: 'id', examples: ['LEASE --reason "the server is gone for good"'] },
  }),
  operation({
    ...seen,
    name: 'lease.irrevocable',
    kind: 'query',
    summary: 'Leases whose credential could not be taken away, and why; they are tried again once a day.',
    input: z.object({ ...pageInput, workspace: WorkspaceReference.optional() }),
    output: Leases,
    list: { cursor: issued },
    command: {
      columns: ['role', 'principalName', 'lastError', 'expiresAt', 'attempts', 'backend', 'workspace', 'id'],
      examples: ['', '--workspace shop', '--json'],
    },
  }),
  operation({
    ...seen,
    name: 'lease.expiring',
    kind: 'query',
    summary: 'Active leases that end soon, the next one first.',
    input: z.object({
      ...pageInput,
      withinSeconds: wholeNumber({ min: 1, max: expiringSecondsMax }).default(expiringSecondsDefault),
      workspace: WorkspaceReference.optional(),
      principal: PrincipalReference.optional(),
    }),
    output: Leases,
    list: { cursor: expiring },
    command: {
      aliases: ['secrets expiring'],
      help: { withinSeconds: 'how far ahead' },
      columns: ['expiresAt', 'role', 'principalName', 'renewableUntil', 'purpose', 'workspace', 'id'],
      examples: ['', '--within 15m', '--principal ada --json'],
    },
  }),
  operation({
    ...seen,
    name: 'lease.stats',
    kind: 'query',
    summary: 'How many leases live, end soon, are being ended or could not be.',
    input: z.object({ workspace: WorkspaceReference.optional() }),
    output: LeaseStats,
    command: { aliases: ['secrets stats'], examples: ['', '--workspace shop', '--json'] },
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
