import { z } from 'zod'
import { systemId } from '../entities.ts'
import {
  SecretBackendName,
  SecretBackendReference,
  SecretRoleName,
  SecretRoleReference,
  WorkspaceReference,
} from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { pageInput, Reason, TtlSeconds } from '../scalars.ts'
import { backendInputs, roleChanges, roleInputs } from '../secret-kinds.ts'
import {
  SecretBackend,
  SecretBackendProbe,
  SecretBackendRemoved,
  SecretRole,
  SecretRoleDeleted,
} from '../secret-outputs.ts'
import { wholeNumber } from '../text.ts'

const callers = ['User', 'Service'] as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const onRole = { principals: callers, resource: 'SecretRole', id: (input: { id: string }) => input.id } as const

/** A change of what backends there are and what may be asked of them. */
const change = { kind: 'mutation', assurance: 'su', groups: ['writeActions', 'sensitiveActions'] } as const

const leasesMaxMax = 10_000
const LeasesMax = wholeNumber({ min: 1, max: leasesMaxMax })
/** The same of a role that there is: 0 takes its quota away. */
const LeasesMaxOrNone = wholeNumber({ min: 0, max: leasesMaxMax })

export const secretOperations = [
  operation({
    ...change,
    name: 'secretBackend.configure',
    summary:
      'Configure a backend, or replace how one is reached. It is tried first, and its secret is never shown again.',
    input: z.object({
      name: SecretBackendName,
      ...backendInputs,
      /** It is another server now, and the credentials of living leases are on it: after an upgrade, say. */
      moved: z.boolean().default(false),
    }),
    output: SecretBackend,
    authorize: onSystem,
    // its entry says the kind, where it is and as whom
    audit: { omit: ['postgres', 'vault', 'aws', 'upcloud'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'secretBackend.list',
    kind: 'query',
    summary: 'Backends that give credentials, and whether they can be used.',
    input: z.object({ ...pageInput }),
    output: page(SecretBackend, 'SecretBackendPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'kind', 'shown', 'revocability', 'checkedAt', 'lastError', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'secretBackend.probe',
    kind: 'mutation',
    summary: 'Test a backend now: whether it is reached and lets Gatehouse make credentials.',
    input: z.object({ id: SecretBackendReference }),
    output: SecretBackendProbe,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', succeeds: 'usable', examples: ['shop-db', 'shop-db --json'] },
  }),
  operation({
    ...change,
    name: 'secretBackend.rotate',
    summary: 'Replace the secret of a backend by one that nobody has seen.',
    input: z.object({ id: SecretBackendReference }),
    output: SecretBackend,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', examples: ['shop-db', 'shop-db --json'] },
  }),
  operation({
    ...change,
    name: 'secretBackend.remove',
    summary: 'Remove a backend and forget what it is reached with. It has no roles and no living leases any more.',
    input: z.object({ id: SecretBackendReference, reason: Reason }),
    output: SecretBackendRemoved,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop-db --yes --reason "decommissioned"'] },
  }),
  operation({
    ...change,
    name: 'secretRole.create',
    summary:
      'Create a role of a backend: what its credentials can do, with which rights, for how long, in which workspace.',
    input: z.object({
      name: SecretRoleName,
      backend: SecretBackendReference,
      workspace: WorkspaceReference.default('default'),
      ttlSecondsMax: TtlSeconds.default(3600),
      leasesMax: LeasesMax.optional(),
      leasesEachMax: LeasesMax.optional(),
      ...roleInputs,
    }),
    output: SecretRole,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace },
    audit: { omit: [] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    ...change,
    name: 'secretRole.update',
    summary:
      'Change what a role gives from now on; leases that live stay as they are, and renewing does not exceed it.',
    input: z.object({
      id: SecretRoleReference,
      ttlSecondsMax: TtlSeconds.optional(),
      leasesMax: LeasesMaxOrNone.optional(),
      leasesEachMax: LeasesMaxOrNone.optional(),
      ...roleChanges,
    }),
    output: SecretRole,
    authorize: { ...onRole, principals: ['User'] },
    audit: { omit: [] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    ...change,
    name: 'secretRole.delete',
    summary:
      'Delete a role: nobody can ask for it any more. Its leases live to their ends; revoke them if they must not.',
    input: z.object({ id: SecretRoleReference, reason: Reason }),
    output: SecretRoleDeleted,
    authorize: { ...onRole, principals: ['User'] },
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop-read --yes --reason "nobody uses it"'] },
  }),
  operation({
    name: 'secretRole.list',
    kind: 'query',
    summary: 'Roles: what may be asked for in your workspaces.',
    input: z.object({
      ...pageInput,
      workspace: WorkspaceReference.optional(),
      backend: SecretBackendReference.optional(),
    }),
    output: page(SecretRole, 'SecretRolePage'),
    list: { cursor: created },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'kind', 'backend', 'revocability', 'ttlSecondsMax', 'workspace', 'id'],
      examples: ['', '--workspace shop', '--json'],
    },
  }),
  operation({
    name: 'secretRole.get',
    kind: 'query',
    summary: 'One role.',
    input: z.object({ id: SecretRoleReference }),
    output: SecretRole,
    authorize: onRole,
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop-read', 'shop-read --json'] },
  }),
] as const
