import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { UserStatus } from '../people-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { ServiceAccountName, ServiceAccountReference, TeamReference, UserReference } from '../names.ts'
import { Cidr, Description, Id, Label, pageInput, Purpose, Reason } from '../scalars.ts'
import { searchInput } from '../sorting.ts'
import { ApiToken, ApiTokenState, CreatedApiToken, ServiceAccount } from '../service-outputs.ts'
import { textOf, wholeNumber } from '../text.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const onAccount = { principals: ['User'], resource: 'ServiceAccount', id: (input: { id: string }) => input.id } as const
const onToken = { principals: ['User'], resource: 'ApiToken', id: (input: { id: string }) => input.id } as const
const ofService = {
  contextTypes: { serviceAccount: 'String' },
  context: (input: { serviceAccount?: string | undefined }) => ({ serviceAccount: input.serviceAccount ?? '' }),
} as const

/** A scope: an operation's name, all of a noun (`lease.*`), or every read (`read`). */
const Scope = textOf({
  what: 'an operation such as lease.list, a noun such as lease.*, or read',
  charactersMax: 64,
  form: (text) => /^(read|[a-z][A-Za-z0-9]*\.(\*|[a-z][A-Za-z0-9]*))$/.test(text),
})

/** A year: longer than any rotation should wait. */
const tokenTtlSecondsMax = 366 * 86_400

/** SHA-256 thumbprint of a public key (RFC 7638), base64url. */
const Thumbprint = textOf({
  what: 'an RFC 7638 thumbprint: 43 base64url characters',
  charactersMax: 43,
  form: (text) => /^[A-Za-z0-9_-]{43}$/.test(text),
})

/** By what API tokens stand in their list. */
export const apiTokenSortKeys = {
  newest: (token: { createdAt: Date }) => token.createdAt.toISOString(),
  oldest: (token: { createdAt: Date }) => token.createdAt.toISOString(),
  expiry: (token: { expiresAt: Date }) => token.expiresAt.toISOString(),
  name: (token: { name: string }) => token.name,
}

/** Programs and the tokens that programs and scripts call with. */
export const serviceOperations = [
  operation({
    name: 'serviceAccount.create',
    kind: 'mutation',
    summary: 'Create a service account.',
    input: z.object({
      name: ServiceAccountName,
      description: Description.default(''),
      teams: z.array(TeamReference).max(20).default([]),
    }),
    output: ServiceAccount,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'name', examples: ['ci-deploy --teams developers --description "deploys from CI"'] },
  }),
  operation({
    name: 'serviceAccount.list',
    kind: 'query',
    summary: 'Service accounts.',
    input: z.object({ ...pageInput, status: UserStatus.optional() }),
    output: page(ServiceAccount, 'ServiceAccountPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'status', 'teams', 'tokens', 'description', 'createdAt', 'id'],
      examples: ['', '--status active', '--json'],
    },
  }),
  operation({
    name: 'serviceAccount.get',
    kind: 'query',
    summary: 'One service account.',
    input: z.object({ id: ServiceAccountReference }),
    output: ServiceAccount,
    authorize: onAccount,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ci-deploy'] },
  }),
  operation({
    name: 'serviceAccount.update',
    kind: 'mutation',
    summary: "Change a service account's description or teams.",
    input: z.object({
      id: ServiceAccountReference,
      description: Description.optional(),
      teams: z.array(TeamReference).max(20).optional(),
    }),
    output: ServiceAccount,
    authorize: onAccount,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ci-deploy --teams developers,sre'] },
  }),
  operation({
    name: 'serviceAccount.disable',
    kind: 'mutation',
    summary: 'Disable access for a service account: its tokens and credentials end now, on every node.',
    input: z.object({ id: ServiceAccountReference, reason: Reason }),
    output: ServiceAccount,
    authorize: onAccount,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ci-deploy --reason "leaked"'] },
  }),
  operation({
    name: 'serviceAccount.delete',
    kind: 'mutation',
    summary: 'Delete a service account with its tokens; its entries in the audit log stay.',
    input: z.object({ id: ServiceAccountReference, reason: Reason }),
    output: z.object({ id: z.string(), removed: z.boolean() }).meta({ id: 'ServiceAccountDeleted' }),
    authorize: onAccount,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ci-deploy --reason "gone" --yes'] },
  }),
  operation({
    name: 'apiToken.create',
    kind: 'mutation',
    summary: 'Create an API token for yourself or for a service account; shown once.',
    input: z.object({
      name: Label,
      purpose: Purpose,
      scopes: z.array(Scope).min(1).max(50),
      ttlSeconds: wholeNumber({ min: 60, max: tokenTtlSecondsMax, unit: 'seconds' }).default(90 * 86_400),
      sourceAddresses: z.array(Cidr).max(20).default([]),
      keyThumbprint: Thumbprint.optional(),
      serviceAccount: ServiceAccountReference.optional(),
    }),
    output: CreatedApiToken,
    authorize: { principals: ['User'], resource: 'User', id: (_, caller) => caller.principalId, ...ofService },
    assurance: 'su',
    groups: ['selfActions', 'writeActions', 'sensitiveActions'],
    audit: { omit: [], personal: ['sourceAddresses'] },
    refusals: [],
    command: {
      quiet: 'token',
      positional: 'name',
      examples: [
        'nightly-report --scopes read --ttl 30d --purpose "nightly report"',
        'ci --service-account ci-deploy --scopes lease.*,sshCertificate.sign ' +
          '--source-addresses 192.0.2.0/24 --purpose "deploys"',
        'nightly-report --scopes read --purpose "nightly report" --quiet > token.txt',
      ],
    },
  }),
  operation({
    name: 'apiToken.list',
    kind: 'query',
    summary: "API tokens: yours, another person's, or a service account's.",
    input: z.object({
      ...pageInput,
      user: UserReference.optional(),
      serviceAccount: ServiceAccountReference.optional(),
      state: ApiTokenState.optional(),
      ...searchInput('ApiTokenSort', ['newest', 'oldest', 'expiry', 'name']),
    }),
    output: page(ApiToken, 'ApiTokenPage'),
    list: { cursor: created, keys: apiTokenSortKeys },
    authorize: {
      principals: ['User'],
      resource: 'User',
      id: (input, caller) => input.user ?? caller.principalId,
      ...ofService,
    },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'state', 'ownerName', 'hint', 'scopes', 'expiresAt', 'lastUsedAt', 'id'],
      examples: ['', '--service-account ci-deploy', '--state active --json'],
    },
  }),
  operation({
    name: 'apiToken.get',
    kind: 'query',
    summary: 'One API token, never its secret.',
    input: z.object({ id: Id }),
    output: ApiToken,
    authorize: onToken,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['TOKEN'] },
  }),
  operation({
    name: 'apiToken.revoke',
    kind: 'mutation',
    summary: 'Revoke an API token now, on every node.',
    input: z.object({ id: Id, reason: Reason }),
    output: ApiToken,
    authorize: onToken,
    assurance: 'mfa',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['TOKEN --reason "leaked"'] },
  }),
] as const
