import { z } from 'zod'
import { systemId } from '../entities.ts'
import { Lock, LockKind } from '../lock-outputs.ts'
import { HostReference, PrincipalReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput, Reason, TtlSeconds } from '../scalars.ts'
import { lineOf, textOf } from '../text.ts'

const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]

/** Who is denied much by little is asked for a fresh factor. */
const change = { kind: 'mutation', assurance: 'su', groups: ['writeActions', 'sensitiveActions'] } as const

const fingerprintCharactersMax = 64

/** As `ssh-keygen -l` prints it. */
const Fingerprint = textOf({
  what: 'the fingerprint of a public SSH key, as ssh-keygen -l prints it: SHA256:…',
  charactersMax: fingerprintCharactersMax,
  form: (text) => /^SHA256:[A-Za-z0-9+/]{43}$/.test(text),
})

/** An account of a host and the host, each of them a name. */
const roleCharactersMax = 192

export const lockOperations = [
  operation({
    ...change,
    name: 'lock.create',
    summary:
      'Lock a person, role, host, key or approval: denied at once on every node, until the lock ends or is removed. ' +
      'Credentials that are out already are not revoked by it.',
    input: z.object({
      principal: PrincipalReference.optional(),
      /** A role of people, or one of credentials as leases show it. */
      role: lineOf(roleCharactersMax).optional(),
      host: HostReference.optional(),
      key: Fingerprint.optional(),
      /** The id of an approval, of a request for emergency access or of its session. */
      approval: Id.optional(),
      reason: Reason,
      /** Left out: until it is removed. */
      ttlSeconds: TtlSeconds.optional(),
    }),
    output: Lock,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    command: {
      help: {
        principal: 'a person or service account: whatever they call is refused',
        role: 'a role of people (Developer): its holders are refused; or of credentials (shop-read, deploy@db-1)',
        host: 'a host: no certificate, key or one-time password is issued for it',
        key: 'fingerprint of a public SSH key: no certificate is signed for it',
        approval: 'id of an approval, emergency request or emergency session: it cannot be used',
        ttlSeconds: 'how long it holds: 2h, 1d; left out: until it is removed',
      },
      examples: [
        '--principal ada --reason "the laptop was stolen"',
        '--host db-1 --ttl 2h --reason "forensics on the server"',
        '--role shop-write --ttl 1d --reason "the migration went wrong" --json',
      ],
    },
  }),
  operation({
    ...change,
    name: 'lock.remove',
    summary: 'Remove a lock: what it denied is decided by the policies again. Nobody removes a lock on themselves.',
    input: z.object({ id: Id, reason: Reason }),
    output: Lock,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['LOCK --yes --reason "a new laptop is enrolled"'] },
  }),
  operation({
    name: 'lock.list',
    kind: 'query',
    summary: 'Locks: what is denied, by whom, why and until when.',
    input: z.object({
      ...pageInput,
      id: Id.optional(),
      kind: LockKind.optional(),
      /** Also those that hold no more. */
      all: z.boolean().default(false),
    }),
    output: page(Lock, 'LockPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: {
        id: 'only this one',
        kind: 'only on things of this kind',
        all: 'also those that have ended or were removed',
      },
      columns: ['kind', 'name', 'reason', 'expiresAt', 'createdByName', 'createdAt', 'holds', 'id'],
      examples: ['', '--kind host', '--all --json'],
    },
  }),
] as const
