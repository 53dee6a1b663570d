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
import { pageInput, Reason, SecretText, TtlSeconds } from '../scalars.ts'
import {
  SecretBackend,
  SecretBackendProbe,
  SecretBackendRemoved,
  SecretRole,
  SecretRoleDeleted,
} from '../secret-outputs.ts'
import { textOf, wholeNumber } from '../text.ts'

const callers = ['User', 'Service'] as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const onRole = { principals: callers, resource: 'SecretRole', id: (input: { id: string }) => input.id } as const

/** A change of what backends there are and what may be asked of them. */
const change = { kind: 'mutation', assurance: 'su', groups: ['writeActions', 'sensitiveActions'] } as const

const Authority = textOf({
  what: 'a certificate in PEM',
  charactersMax: 16_384,
  allow: { lineBreaks: true },
  form: (text) => text.startsWith('-----BEGIN CERTIFICATE-----'),
})

/** Names in PostgreSQL have at most 63 bytes (NAMEDATALEN); a longer one would be cut off, and be another's. */
const sqlNameBytesMax = 63
const SqlRoleName = textOf({
  what: `the name of an SQL role, at most ${sqlNameBytesMax} bytes`,
  charactersMax: sqlNameBytesMax,
  form: (text) => new TextEncoder().encode(text).length <= sqlNameBytesMax,
})

/** More rights than that belong into an SQL role of their own. */
const grantsMax = 20
const Grants = z.array(SqlRoleName).min(1).max(grantsMax)
const ConnectionsMax = wholeNumber({ min: 1, max: 100 })
const leasesMaxMax = 10_000
const LeasesMax = wholeNumber({ min: 1, max: leasesMaxMax })
/** The same of a role that there is: 0 takes its quota away. */
const LeasesMaxOrNone = wholeNumber({ min: 0, max: leasesMaxMax })

const ServiceAddress = textOf({ what: 'an address such as https://vault.example.org:8200', charactersMax: 300 })

/** Of parts that begin with a letter or digit: none of them leads back up. */
const pathForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/
const VaultPath = textOf({
  what: 'a path such as creds/shop-read: letters, digits, _, - and . between slashes',
  charactersMax: 200,
  fold: (text) => text.replace(/^\/|\/$/g, ''),
  form: (text) => pathForm.test(text),
})
const vaultRole = { path: VaultPath } as const

const postgresRole = { grants: Grants, connectionsMax: ConnectionsMax.default(5) } as const

export const secretOperations = [
  operation({
    ...change,
    name: 'secretBackend.configure',
    summary:
      'Configure a backend, or replace how one is reached. It is tried first, and its secret is never shown again.',
    input: z.object({
      name: SecretBackendName,
      /** A URL such as postgresql://gatehouse:…@db.example.org/shop, of a login that may make others. */
      postgres: z
        .object({ url: SecretText, authority: Authority.optional() })
        .meta({ id: 'PostgresBackendInput' })
        .optional(),
      /** Of a Vault or OpenBao: a token that may make others, and where the engine is mounted. */
      vault: z
        .object({ address: ServiceAddress, token: SecretText, mount: VaultPath, authority: Authority.optional() })
        .meta({ id: 'VaultBackendInput' })
        .optional(),
      /** It is another server now, and the credentials of living leases are on it: after an upgrade, say. */
      moved: z.boolean().default(false),
    }),
    output: SecretBackend,
    authorize: onSystem,
    // its entry says the kind, where it is and as whom
    audit: { omit: ['postgres', 'vault'] },
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
    summary: 'Try a backend now: whether it is reached and lets Gatehouse make credentials.',
    input: z.object({ id: SecretBackendReference }),
    output: SecretBackendProbe,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', examples: ['shop-db', 'shop-db --json'] },
  }),
  operation({
    ...change,
    name: 'secretBackend.rotate',
    summary: 'Replace the secret that a backend is reached with by one that nobody has seen.',
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
    summary: 'Say what may be asked of a backend: with which rights, for how long, in which workspace.',
    input: z.object({
      name: SecretRoleName,
      backend: SecretBackendReference,
      workspace: WorkspaceReference.default('default'),
      ttlSecondsMax: TtlSeconds.default(3600),
      leasesMax: LeasesMax.optional(),
      leasesEachMax: LeasesMax.optional(),
      /** Of a backend of kind postgres. */
      postgres: z.object(postgresRole).meta({ id: 'PostgresRoleInput' }).optional(),
      /** Of a backend of kind vault: what is read there. */
      vault: z.object(vaultRole).meta({ id: 'VaultRoleInput' }).optional(),
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
    summary: 'Change what a role gives from now on; leases that live stay as they are.',
    input: z.object({
      id: SecretRoleReference,
      ttlSecondsMax: TtlSeconds.optional(),
      leasesMax: LeasesMaxOrNone.optional(),
      leasesEachMax: LeasesMaxOrNone.optional(),
      postgres: z
        .object({ grants: Grants.optional(), connectionsMax: ConnectionsMax.optional() })
        .meta({ id: 'PostgresRoleChangeInput' })
        .optional(),
      vault: z.object({ path: VaultPath.optional() }).meta({ id: 'VaultRoleChangeInput' }).optional(),
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
    groups: ['readActions'],
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
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop-read', 'shop-read --json'] },
  }),
] as const
