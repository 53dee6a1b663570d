import { z } from 'zod'
import { HostAccount, HostReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput, Reason } from '../scalars.ts'
import { GeneratedSshKey, SshKey, SshKeyState, SshKeyStats } from '../ssh-outputs.ts'
import { issue, issueContext } from './ssh-issue.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const callers = ['User', 'Service'] as const
const onKey = { principals: callers, resource: 'SshKey', id: (input: { id: string }) => input.id } as const

export const sshKeyOperations = [
  operation({
    name: 'sshKey.generate',
    kind: 'mutation',
    summary: 'Generate an Ed25519 key pair for a host; the private key is shown once.',
    input: z.object({ host: HostReference, login: HostAccount.optional(), ...issue }),
    output: GeneratedSshKey,
    authorize: { principals: callers, resource: 'SshHost', id: (input) => input.host, ...issueContext },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions', 'emergencyActions'],
    audit: { omit: [], personal: ['login'] },
    refusals: ['locked'],
    command: { positional: 'host', examples: ['db-1 --ttl 1h --purpose "migrate"'] },
  }),
  operation({
    name: 'sshKey.deploy',
    kind: 'mutation',
    summary: "Deploy a generated key to the host's authorized_keys, with its expiry.",
    input: z.object({ id: Id }),
    output: SshKey,
    authorize: onKey,
    assurance: 'mfa',
    groups: ['writeActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [
      'lease-ended',
      'host-unreachable',
      'host-key-mismatch',
      'host-access-refused',
      'host-file-unreadable',
      'locked',
    ],
    command: { positional: 'id', examples: ['KEY'] },
  }),
  operation({
    name: 'sshKey.list',
    kind: 'query',
    summary: 'SSH keys and where they are deployed.',
    input: z.object({ ...pageInput, state: SshKeyState.optional(), host: HostReference.optional() }),
    output: page(SshKey, 'SshKeyPage'),
    list: { cursor: created },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['user', 'state', 'expiresAt', 'hostId', 'fingerprint', 'leaseId', 'id'],
      examples: ['', '--state deployed', '--json'],
    },
  }),
  operation({
    name: 'sshKey.stats',
    kind: 'query',
    summary: 'How many SSH keys stand how, and what needs attention.',
    input: z.object({ workspace: WorkspaceReference.optional() }),
    output: SshKeyStats,
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--workspace default', '--json'] },
  }),
  operation({
    name: 'sshKey.get',
    kind: 'query',
    summary: 'One SSH key.',
    input: z.object({ id: Id }),
    output: SshKey,
    authorize: onKey,
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['KEY'] },
  }),
  operation({
    name: 'sshKey.revoke',
    kind: 'mutation',
    summary: 'Remove a key from its host now.',
    input: z.object({ id: Id, reason: Reason }),
    output: SshKey,
    authorize: onKey,
    assurance: 'mfa',
    groups: ['writeActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: ['lease-ended', 'host-unreachable', 'host-key-mismatch', 'host-access-refused', 'host-file-unreadable'],
    command: { positional: 'id', examples: ['KEY --reason "done"'] },
  }),
  operation({
    name: 'sshKey.cleanup',
    kind: 'mutation',
    summary: 'Reconcile a host with its leases now, in both directions.',
    input: z.object({ host: HostReference }),
    output: z
      .object({ host: z.string(), kept: z.int(), removed: z.int(), restored: z.int() })
      .meta({ id: 'SshCleanup' }),
    authorize: { principals: ['User'], resource: 'SshHost', id: (input) => input.host },
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: ['host-unreachable', 'host-key-mismatch', 'host-access-refused', 'host-file-unreadable'],
    command: { positional: 'host', examples: ['db-1'] },
  }),
] as const
