import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { page } from '../page.ts'
import { pageInput, Reason } from '../scalars.ts'
import { RevocationStats, SigningKey, SigningKeyState } from '../token-outputs.ts'

const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const byWorker = {
  kind: 'mutation',
  authorize: { principals: ['Service'], resource: 'System', id: () => systemId },
  assurance: 'none',
  groups: ['writeActions'],
  audit: { omit: [] },
  refusals: [],
  internal: true,
} as const

/** What tokens are signed with, and which of them are dead. */
export const tokenOperations = [
  operation({
    name: 'signingKey.list',
    kind: 'query',
    summary: 'Keys that access tokens are signed with: next, current, previous, removed.',
    input: z.object({ ...pageInput, state: SigningKeyState.optional() }),
    output: page(SigningKey, 'SigningKeyPage'),
    list: { cursor: (item: { createdAt: Date; id: string }) => [item.createdAt, item.id] },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['state', 'createdAt', 'activatedAt', 'retiredAt', 'acceptedUntil', 'id'],
      examples: ['', '--state current', '--json'],
    },
  }),
  operation({
    name: 'signingKey.rotate',
    kind: 'mutation',
    summary: 'Sign with the next key from now on; tokens of the key before it stay valid until they expire.',
    input: z.object({ reason: Reason }),
    output: z.object({ current: SigningKey, previous: SigningKey }).meta({ id: 'SigningKeyRotation' }),
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['--reason "an operator left"'] },
  }),
  operation({
    name: 'revocation.stats',
    kind: 'query',
    summary: 'How many revoked access tokens are stored, since when, and how many were removed after they expired.',
    input: z.object({}),
    output: RevocationStats,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    ...byWorker,
    name: 'signingKey.advance',
    summary: 'Rotate the signing key when it is old, and remove keys that no live token needs.',
    input: z.object({}),
    output: z.object({ rotated: z.boolean(), removed: z.int() }).meta({ id: 'SigningKeyAdvance' }),
  }),
  operation({
    ...byWorker,
    name: 'revocation.prune',
    summary:
      'Forget revoked tokens, challenges, throttles and sessions that no decision looks at any more; ' +
      'tell who has API tokens that expire soon.',
    input: z.object({}),
    output: z.object({ removed: z.int() }).meta({ id: 'RevocationPrune' }),
  }),
] as const
