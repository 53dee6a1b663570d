import { areWideNetworks, canonicalHostAddress, hostAddressRule } from '@gatehouse/kit'
import { z } from 'zod'
import { systemId } from '../entities.ts'
import {
  HostAccount,
  HostName,
  HostReference,
  ownSshAuthority,
  SshAuthorityReference,
  WorkspaceReference,
} from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Cidr, Instant, pageInput, PublicKeyLine, Purpose, Reason, ReasonOrNone, SshFingerprint } from '../scalars.ts'
import { searchInput } from '../sorting.ts'
import {
  HostAccessKind,
  SshHost,
  SshHostCertificate,
  SshHostRemoval,
  SshHostRepin,
  SshHostsImported,
} from '../ssh-outputs.ts'
import { textOf, wholeNumber, type TextRule } from '../text.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const callers = ['User', 'Service'] as const
const onHostRef = { principals: callers, resource: 'SshHost', id: (input: { id: string }) => input.id } as const
const anyone = { principals: ['Anonymous', 'User', 'Service'], resource: 'System', id: () => systemId } as const
/** Where a host answers: the one spelling of its name or address. */
const Address = textOf({
  what: hostAddressRule,
  charactersMax: 255,
  fold: (text) => canonicalHostAddress(text) ?? text,
  form: (text) => canonicalHostAddress(text) !== null,
}).describe('host name or address')
const Port = wholeNumber({ min: 1, max: 65_535 })
/** No step back up, and of sshd's tokens those that Gatehouse itself knows what they stand for. */
const absolutePath: TextRule = {
  what: 'an absolute path without spaces and .., such as /etc/ssh/gatehouse/%u, where %u is the account',
  charactersMax: 255,
  form: (text) => /^(?:\/(?!\.{1,2}(?:\/|$))(?:[A-Za-z0-9._-]|%[u%])+)+$/.test(text),
}
const AbsolutePath = textOf(absolutePath)
const ListVersion = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })
/** A signature of `ssh-keygen -Y sign` by an RSA key of 16,384 bits is shorter. */
const SshSignature = textOf({
  what: 'the lines of a signature of `ssh-keygen -Y sign` between its first and its last, as one',
  charactersMax: 8192,
  form: (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text),
})
/** As people write it behind `ssh`: one name, of which nothing can be a pattern. */
const CertifiedName = textOf({
  what: hostAddressRule,
  charactersMax: 128,
  fold: (text) => canonicalHostAddress(text) ?? text,
  form: (text) => canonicalHostAddress(text) !== null,
})
const hourSeconds = 3600
const daySeconds = 24 * hourSeconds
/** More CAs than this no host trusts. */
const trustedCasMax = 16
const Accounts = z.array(HostAccount).min(1).max(20)
const SourceAddresses = z.array(Cidr).min(1).max(20)
const OtpAddresses = z
  .array(Cidr)
  .max(20)
  .describe('addresses from which the host asks whether a one-time password is good; none: it takes none')
/** How a host says who it is. */
const proofHelp = {
  fingerprint: 'fingerprint of the pinned host key',
  heardAt: 'time in the header Gatehouse-Time of the last answer of /ssh/krl',
  signature: 'what ssh-keygen -Y sign makes with the host key, without its first and last line',
} as const
/** Facts of a registration that policies look at: what only Admins may ask for. */
const exceptions = {
  contextTypes: { anySource: 'Bool', unbound: 'Bool', waived: 'Bool', authority: 'Bool' },
  context: (input: {
    sourceAddresses?: readonly string[] | undefined
    otpAddresses?: readonly string[] | undefined
    unbound?: boolean | undefined
    contactWaiver?: string | undefined
    authority?: string | undefined
  }) => ({
    anySource: areWideNetworks([...(input.sourceAddresses ?? []), ...(input.otpAddresses ?? [])]),
    unbound: input.unbound ?? false,
    waived: (input.contactWaiver ?? '') !== '',
    authority: input.authority !== undefined,
  }),
} as const
/** All or none of them, so each of them is contacted while somebody waits. */
export const importedHostsMax = 100
/** A host of a list: as it is registered one by one, but for bare accounts, which are for an Admin to say of each. */
export const ImportedHost = z
  .object({
    name: HostName,
    address: Address,
    port: Port.default(22),
    user: HostAccount,
    access: HostAccessKind.default('ca'),
    authorizedKeysPath: AbsolutePath.optional(),
    hostKey: PublicKeyLine.optional(),
    principals: Accounts.optional(),
    sourceAddresses: SourceAddresses.optional(),
    contactWaiver: Reason.optional(),
  })
  .meta({ id: 'ImportedHost' })
/** By what hosts stand in their lists. */
export const hostSortKeys = {
  newest: (host: { createdAt: Date }) => host.createdAt.toISOString(),
  oldest: (host: { createdAt: Date }) => host.createdAt.toISOString(),
  name: (host: { name: string }) => host.name,
}

export const sshHostOperations = [
  operation({
    name: 'sshHost.register',
    kind: 'mutation',
    summary: 'Register a host: its address, its pinned host key, and how Gatehouse accesses it.',
    input: z.object({
      name: HostName,
      address: Address,
      port: Port.default(22),
      user: HostAccount,
      access: HostAccessKind,
      workspace: WorkspaceReference.default('default'),
      authorizedKeysPath: AbsolutePath.optional(),
      hostKey: PublicKeyLine.optional(),
      principals: Accounts.optional(),
      sourceAddresses: SourceAddresses.optional(),
      otpAddresses: OtpAddresses.default([]),
      unbound: z.boolean().default(false),
      contactWaiver: Reason.optional(),
    }),
    output: SshHost,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace, ...exceptions },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [], personal: ['address'] },
    refusals: ['host-unreachable', 'host-key-mismatch'],
    command: {
      flags: { authorizedKeysPath: 'authorized-keys' },
      examples: [
        '--name db-1 --address 10.0.0.5 --port 22 --user deploy --access ca',
        '--name db-2 --address db2.example.org --user deploy --access managementKey',
      ],
    },
  }),
  operation({
    name: 'sshHost.import',
    kind: 'mutation',
    summary: 'Register many hosts at once, all or none; or only look whether they could be.',
    input: z.object({
      workspace: WorkspaceReference.default('default'),
      hosts: z.array(ImportedHost).min(1).max(importedHostsMax),
      /** For those that name none of their own. */
      sourceAddresses: SourceAddresses.optional(),
      /** True: each is contacted and compared with what is registered, and nothing is written. */
      dryRun: z.boolean().default(false),
    }),
    output: SshHostsImported,
    authorize: {
      principals: ['User'],
      resource: 'Workspace',
      id: (input) => input.workspace,
      contextTypes: exceptions.contextTypes,
      context: ({ hosts, sourceAddresses = [] }) => ({
        anySource: areWideNetworks([...sourceAddresses, ...hosts.flatMap((host) => host.sourceAddresses ?? [])]),
        unbound: false,
        waived: hosts.some(({ contactWaiver }) => contactWaiver !== undefined),
        authority: false,
      }),
    },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['hosts'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'sshHost.list',
    kind: 'query',
    summary: 'Registered hosts and whether they are reachable.',
    input: z.object({
      ...pageInput,
      workspace: WorkspaceReference.optional(),
      /** Only hosts whose certificates name bare accounts, or only all others. */
      unbound: z.boolean().optional(),
      ...searchInput('SshHostSort', ['newest', 'oldest', 'name']),
    }),
    output: page(SshHost, 'SshHostPage'),
    list: { cursor: created, keys: hostSortKeys },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: [
        'name',
        'reachable',
        'listBehindSeconds',
        'address',
        'port',
        'user',
        'access',
        'followsCa',
        'checkedAt',
        'workspace',
        'id',
      ],
      labels: { listBehindSeconds: 'list' },
      examples: ['', '--json', '--workspace default'],
    },
  }),
  operation({
    name: 'sshHost.get',
    kind: 'query',
    summary: 'One host.',
    input: z.object({ id: HostReference }),
    output: SshHost,
    authorize: onHostRef,
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['db-1'] },
  }),
  operation({
    name: 'sshHost.check',
    kind: 'mutation',
    summary: 'Check a host now: its host key, and whether Gatehouse has access.',
    input: z.object({ id: HostReference }),
    output: SshHost,
    authorize: { ...onHostRef, principals: ['User'] },
    assurance: 'mfa',
    groups: ['writeActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', succeeds: 'reachable', examples: ['db-1'] },
  }),
  operation({
    name: 'sshHost.report',
    kind: 'mutation',
    summary: 'Report, as a host, which revocation list it has and which CAs it trusts; signed with its host key.',
    input: z.object({
      fingerprint: SshFingerprint,
      listVersion: ListVersion,
      trusts: z.array(SshFingerprint).max(trustedCasMax),
      /** The time that Gatehouse gave with its last answer. */
      heardAt: Instant,
      signature: SshSignature,
    }),
    output: z.object({ listVersion: z.int() }).meta({ id: 'SshHostReport' }),
    authorize: anyone,
    assurance: 'none',
    groups: [],
    audit: { omit: ['signature'], onlyChanges: true },
    refusals: ['host-key-mismatch'],
    command: {
      help: {
        ...proofHelp,
        listVersion: 'version of the revocation list that the host has',
        trusts: 'fingerprints of the CAs in its TrustedUserCAKeys',
      },
      examples: [
        '--fingerprint SHA256:FINGERPRINT --list-version 17 --trusts SHA256:FINGERPRINT ' +
          '--heard-at 2026-11-23T19:00:00Z --signature SIGNATURE',
      ],
    },
  }),
  operation({
    name: 'sshHost.update',
    kind: 'mutation',
    summary: 'Change what is known of a host: its name, where it is, its accounts, and how Gatehouse gets in.',
    input: z.object({
      id: HostReference,
      name: HostName.optional(),
      address: Address.optional(),
      port: Port.optional(),
      user: HostAccount.optional(),
      access: HostAccessKind.optional(),
      /** Empty: the file that sshd reads by itself. */
      authorizedKeysPath: textOf({ ...absolutePath, orNone: true }).optional(),
      principals: Accounts.optional(),
      sourceAddresses: SourceAddresses.optional(),
      otpAddresses: OtpAddresses.optional(),
      unbound: z.boolean().optional(),
      /** Empty: it needs none any more. */
      contactWaiver: ReasonOrNone.optional(),
      authority: SshAuthorityReference.optional(),
    }),
    output: SshHost,
    authorize: { ...onHostRef, principals: ['User'], ...exceptions },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [], personal: ['address'] },
    refusals: [],
    command: {
      positional: 'id',
      help: { authority: `who signs for it; ${ownSshAuthority}: our own CA` },
      flags: { authorizedKeysPath: 'authorized-keys' },
      examples: [
        'db-1 --address 10.0.0.6',
        'db-1 --principals deploy,backup',
        'db-1 --name db-1-old',
        'db-1 --authority vault-1',
        'db-1 --authorized-keys "" --contact-waiver ""',
      ],
    },
  }),
  operation({
    name: 'sshHost.repin',
    kind: 'mutation',
    summary:
      'Compare the pinned host key with what the host shows now, and pin the new one once you have confirmed it.',
    input: z.object({
      id: HostReference,
      fingerprint: SshFingerprint.optional(),
      hostKey: PublicKeyLine.optional(),
      reason: Reason,
    }),
    output: SshHostRepin,
    authorize: { ...onHostRef, principals: ['User'] },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: ['host-unreachable', 'host-key-mismatch'],
    command: {
      positional: 'id',
      examples: ['db-1 --reason "reinstalled"', 'db-1 --reason "reinstalled" --fingerprint SHA256:FINGERPRINT'],
    },
  }),
  operation({
    name: 'sshHost.remove',
    kind: 'mutation',
    summary: 'Remove a host. Its certificates are revoked; keys that are still on it must be revoked first.',
    input: z.object({ id: HostReference, reason: Reason, machineGone: z.boolean().default(false) }),
    output: SshHostRemoval,
    authorize: {
      ...onHostRef,
      principals: ['User'],
      contextTypes: { machineGone: 'Bool' },
      context: (input) => ({ machineGone: input.machineGone }),
    },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: ['locked'],
    command: {
      positional: 'id',
      examples: ['db-1 --reason "decommissioned"', 'db-1 --reason "disk lost" --machine-gone'],
    },
  }),
  operation({
    name: 'sshHostCertificate.sign',
    kind: 'mutation',
    summary: "Sign a host's pinned key: clients that trust the host CA know it by these names without having seen it.",
    input: z.object({
      host: HostReference,
      names: z.array(CertifiedName).min(1).max(20).optional(),
      workspace: WorkspaceReference.default('default'),
      purpose: Purpose,
      ttlSeconds: wholeNumber({ min: hourSeconds, max: 366 * daySeconds, unit: 'seconds' }).default(30 * daySeconds),
    }),
    output: SshHostCertificate,
    authorize: { principals: ['User'], resource: 'SshHost', id: (input) => input.host },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: ['host-unreachable', 'host-key-mismatch', 'locked'],
    command: {
      positional: 'host',
      help: { names: 'names by which clients reach it; default: its address and its name' },
      quiet: 'certificate',
      examples: ['db-1 --purpose "known to clients"', 'db-1 --names db-1.example.org,10.0.0.5 --purpose "moved"'],
    },
  }),
  operation({
    name: 'sshHostCertificate.renew',
    kind: 'mutation',
    summary: 'Renew a host certificate for the names that it has, as the host; signed with its host key.',
    input: z.object({
      fingerprint: SshFingerprint,
      /** The time that Gatehouse gave with its last answer. */
      heardAt: Instant,
      signature: SshSignature,
    }),
    output: SshHostCertificate,
    authorize: anyone,
    assurance: 'none',
    groups: [],
    audit: { omit: ['signature'], onlyChanges: true },
    refusals: ['host-key-mismatch', 'locked'],
    command: {
      help: proofHelp,
      quiet: 'certificate',
      examples: ['--fingerprint SHA256:FINGERPRINT --heard-at 2026-11-23T19:00:00Z --signature SIGNATURE'],
    },
  }),
] as const
