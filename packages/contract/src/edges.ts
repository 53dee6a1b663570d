import { isUuid } from '@gatehouse/kit'
import type { z } from 'zod'
import { Approval } from './governance-outputs.ts'
import { AuditEntry, AuditPrincipal, AuditResource } from './audit-outputs.ts'
import { Session } from './auth-outputs.ts'
import { Lease } from './lease-outputs.ts'
import { SshCertificate, SshHost } from './ssh-outputs.ts'
import { TeamMember, User } from './people-outputs.ts'
import { SshKey } from './ssh-outputs.ts'
import { Workspace } from './workspace-outputs.ts'
import type { OperationName, Raw } from './registry.ts'
import { ApiToken, ServiceAccount } from './service-outputs.ts'
import { OnCall } from './workspace-outputs.ts'

/**
 * A nested field of GraphQL: an operation whose input is filled from the thing that the field stands in. It is decided
 * and audited as if it were called, so a way through things leads nowhere that its operation does not.
 */
export interface Edge {
  /** The type that it stands in, by its id. */
  readonly on: string
  readonly field: string
  readonly operation: OperationName
  /** What is asked of a thing as it leaves; null: nothing, and so is the answer. A list: one call for each. */
  readonly input: (parent: never) => unknown
  /** It is asked several times for one thing. */
  readonly many: boolean
}

type Asked<P, N extends OperationName, I> = {
  readonly [M in N]: { readonly operation: M; readonly input: (parent: P) => I }
}[N]

const idOf = (type: z.ZodType): string => {
  const id = type.meta()?.id
  if (id === undefined) throw new TypeError('edges stand in types that have an id')
  return id
}

/** Fields that each ask once. */
const edgesOf = <T extends z.ZodType>(
  type: T,
  fields: Readonly<
    Record<string, { readonly [N in OperationName]: Asked<z.input<T>, N, Raw<N> | null> }[OperationName]>
  >,
): Edge[] =>
  Object.entries(fields).map(([field, { operation, input }]) => ({
    on: idOf(type),
    field,
    operation,
    input,
    many: false,
  }))

/** Fields that ask once for each of several. */
const listsOf = <T extends z.ZodType>(
  type: T,
  fields: Readonly<
    Record<string, { readonly [N in OperationName]: Asked<z.input<T>, N, readonly Raw<N>[]> }[OperationName]>
  >,
): Edge[] =>
  Object.entries(fields).map(([field, { operation, input }]) => ({
    on: idOf(type),
    field,
    operation,
    input,
    many: true,
  }))

interface Named {
  readonly type: string
  readonly id: string
}

/** What an entry of the audit log names, where it is of a type and has an id of ours; a pseudonym is none. */
const named =
  (type: string) =>
  (parent: Named): { id: string } | null =>
    parent.type === type && isUuid(parent.id) ? { id: parent.id } : null

/** Workspaces are older than their ids' form. */
const namedWorkspace = ({ type, id }: Named): { id: string } | null =>
  type === 'Workspace' && id !== '' ? { id } : null

const inWorkspace = {
  operation: 'workspace.get',
  input: ({ workspace: id }: { workspace: string }) => ({ id }),
} as const

/** From each thing to what belongs to it, and to what it belongs to. A thing's own fields keep their names. */
export const edges: readonly Edge[] = [
  ...edgesOf(SshHost, {
    workspaceDetails: inWorkspace,
    leases: { operation: 'lease.list', input: ({ id }) => ({ host: id }) },
    keys: { operation: 'sshKey.list', input: ({ id }) => ({ host: id }) },
    certificates: { operation: 'sshCertificate.list', input: ({ id }) => ({ host: id }) },
  }),
  ...edgesOf(Lease, {
    workspaceDetails: inWorkspace,
    host: { operation: 'sshHost.get', input: ({ hostId: id }) => (id === null ? null : { id }) },
    holder: {
      operation: 'user.get',
      input: ({ principal: id, principalType }) => (principalType === 'User' ? { id } : null),
    },
    program: {
      operation: 'serviceAccount.get',
      input: ({ principal: id, principalType }) => (principalType === 'Service' ? { id } : null),
    },
  }),
  ...[SshKey, SshCertificate].flatMap((type) =>
    edgesOf(type, {
      host: { operation: 'sshHost.get', input: ({ hostId: id }) => ({ id }) },
      lease: { operation: 'lease.get', input: ({ leaseId: id }) => ({ id }) },
    }),
  ),
  ...edgesOf(User, {
    sessions: { operation: 'session.list', input: ({ id }) => ({ user: id }) },
    authenticators: { operation: 'authenticator.list', input: ({ id }) => ({ user: id }) },
    apiTokens: { operation: 'apiToken.list', input: ({ id }) => ({ user: id }) },
    leases: { operation: 'lease.list', input: ({ id }) => ({ principal: id }) },
    approvals: { operation: 'approval.list', input: ({ id }) => ({ requester: id }) },
  }),
  ...listsOf(User, { teamDetails: { operation: 'team.get', input: ({ teams }) => teams.map((id) => ({ id })) } }),
  ...edgesOf(TeamMember, { user: { operation: 'user.get', input: ({ id }) => ({ id }) } }),
  ...edgesOf(Session, { userDetails: { operation: 'user.get', input: ({ user: id }) => ({ id }) } }),
  ...edgesOf(OnCall, { userDetails: { operation: 'user.get', input: ({ user: id }) => ({ id }) } }),
  ...edgesOf(Workspace, {
    hosts: { operation: 'sshHost.list', input: ({ id }) => ({ workspace: id }) },
    leases: { operation: 'lease.list', input: ({ id }) => ({ workspace: id }) },
    calendar: { operation: 'calendar.get', input: ({ id }) => ({ id }) },
    environments: { operation: 'environment.list', input: () => ({}) },
  }),
  ...listsOf(Workspace, { teamDetails: { operation: 'team.get', input: ({ teams }) => teams.map((id) => ({ id })) } }),
  ...edgesOf(ServiceAccount, {
    apiTokens: { operation: 'apiToken.list', input: ({ id }) => ({ serviceAccount: id }) },
    leases: { operation: 'lease.list', input: ({ id }) => ({ principal: id }) },
  }),
  ...edgesOf(ApiToken, {
    ownerUser: { operation: 'user.get', input: ({ owner: id, ownerType }) => (ownerType === 'User' ? { id } : null) },
    ownerProgram: {
      operation: 'serviceAccount.get',
      input: ({ owner: id, ownerType }) => (ownerType === 'Service' ? { id } : null),
    },
  }),
  ...edgesOf(Approval, {
    requesterDetails: { operation: 'user.get', input: ({ requester: id }) => ({ id }) },
    workspaceDetails: { operation: 'workspace.get', input: ({ workspace: id }) => (id === null ? null : { id }) },
  }),
  ...edgesOf(AuditEntry, {
    workspaceDetails: { operation: 'workspace.get', input: ({ workspace: id }) => (id === null ? null : { id }) },
  }),
  ...edgesOf(AuditPrincipal, {
    user: { operation: 'user.get', input: named('User') },
    program: { operation: 'serviceAccount.get', input: named('Service') },
  }),
  ...edgesOf(AuditResource, {
    user: { operation: 'user.get', input: named('User') },
    team: { operation: 'team.get', input: named('Team') },
    workspace: { operation: 'workspace.get', input: namedWorkspace },
    program: { operation: 'serviceAccount.get', input: named('ServiceAccount') },
    apiToken: { operation: 'apiToken.get', input: named('ApiToken') },
    approval: { operation: 'approval.get', input: named('Approval') },
    lease: { operation: 'lease.get', input: named('Lease') },
    sshHost: { operation: 'sshHost.get', input: named('SshHost') },
    sshKey: { operation: 'sshKey.get', input: named('SshKey') },
  }),
]

const byPlace: ReadonlyMap<string, Edge> = new Map(edges.map((edge) => [`${edge.on}.${edge.field}`, edge]))

/** The edge that a field of a type is; undefined: it is none. */
export const edgeAt = (type: string, field: string): Edge | undefined => byPlace.get(`${type}.${field}`)

const nested: ReadonlySet<OperationName> = new Set(edges.map(({ operation }) => operation))

/** Whether an operation is asked by an edge. */
export const isNested = (name: OperationName): boolean => nested.has(name)
