import { z } from 'zod'
import { systemId } from '../entities.ts'
import { SshAuthorityName, SshAuthorityReference } from '../names.ts'
import { operation } from '../operation.ts'
import { SshAuthority, SshAuthorityProbe, SshAuthorityRemoved } from '../ssh-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { pageInput, Reason, SecretText } from '../scalars.ts'
import { CertificatePem, VaultPath } from '../secret-kinds.ts'
import { textOf } from '../text.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const change = { kind: 'mutation', assurance: 'su', groups: ['writeActions', 'sensitiveActions'] } as const

/**
 * It is shown and recorded, so nothing stands in it that has to be kept secret: neither a password, nor a path, nor a
 * token that was meant for the field beside it.
 */
const VaultAddress = textOf({
  what: 'an address such as https://vault.example.org:8200, without a user name, a password or more behind it',
  charactersMax: 300,
  form: (text) => /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text),
})
/** One part of a path, which needs no encoding. */
const VaultRole = textOf({
  what: 'a role of the SSH engine, such as gatehouse',
  charactersMax: 100,
  form: (text) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text),
})

export const sshAuthorityOperations = [
  operation({
    ...change,
    name: 'sshAuthority.configure',
    summary:
      'Let the SSH CA of a Vault or OpenBao sign for hosts, or replace how it is reached. It signs once first, and ' +
      'its token is never shown again.',
    input: z.object({
      name: SshAuthorityName,
      address: VaultAddress,
      mount: VaultPath.default('ssh'),
      role: VaultRole,
      token: SecretText,
      certificate: CertificatePem.optional(),
    }),
    output: SshAuthority,
    authorize: onSystem,
    audit: { omit: ['token'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'sshAuthority.list',
    kind: 'query',
    summary: 'Authorities that sign for hosts beside our own, and for how many.',
    input: z.object({ ...pageInput }),
    output: page(SshAuthority, 'SshAuthorityPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'address', 'mount', 'role', 'hosts', 'fingerprint', 'checkedAt', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'sshAuthority.probe',
    kind: 'mutation',
    summary:
      'Have an authority sign now, for nobody: whether it answers, by the CA that hosts trust, just what it is asked.',
    input: z.object({ id: SshAuthorityReference }),
    output: SshAuthorityProbe,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', succeeds: 'usable', examples: ['vault-1', 'vault-1 --json'] },
  }),
  operation({
    ...change,
    name: 'sshAuthority.rotate',
    summary: 'Replace the token that an authority is asked with by one that nobody has seen.',
    input: z.object({ id: SshAuthorityReference }),
    output: SshAuthority,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', examples: ['vault-1', 'vault-1 --json'] },
  }),
  operation({
    ...change,
    name: 'sshAuthority.remove',
    summary:
      'Remove an authority and forget its token. No host is signed for by it, and no certificate of its is alive.',
    input: z.object({ id: SshAuthorityReference, reason: Reason }),
    output: SshAuthorityRemoved,
    authorize: onSystem,
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['vault-1 --yes --reason "decommissioned"'] },
  }),
] as const
