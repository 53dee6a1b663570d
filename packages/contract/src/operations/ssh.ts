import { areWideNetworks, canonicalHostAddress, hostAddressRule, sshKeyFacts } from '@gatehouse/kit'
import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import {
  GeneratedSshKey,
  HostAccessKind,
  SignedSshCertificate,
  SshCertificate,
  SshCertificateState,
  SshHost,
  SshHostCertificate,
  SshHostRemoval,
  SshHostRepin,
  SshHostsImported,
  SshKey,
  SshKeyState,
  SshKeyStats,
} from '../ssh-outputs.ts'
import { page, type Cursor } from '../page.ts'
import {
  HostAccount,
  HostName,
  HostReference,
  ownSshAuthority,
  SshAuthorityReference,
  WorkspaceReference,
} from '../names.ts'
import {
  Cidr,
  Id,
  Instant,
  pageInput,
  PublicKeyLine,
  Purpose,
  Reason,
  ReasonOrNone,
  SshFingerprint,
  TtlSeconds,
} from '../scalars.ts'
import { searchInput } from '../sorting.ts'
import { textOf, wholeNumber, type TextRule } from '../text.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const validAfter = (item: { validAfter: Date; id: string }): readonly [Cursor['at'], string] => [
  item.validAfter,
  item.id,
]
const callers = ['User', 'Service'] as const
const onKey = { principals: callers, resource: 'SshKey', id: (input: { id: string }) => input.id } as const
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
const issue = {
  workspace: WorkspaceReference.default('default'),
  purpose: Purpose,
  ttlSeconds: TtlSeconds.default(3600),
} as const
const issueContext = {
  contextTypes: { ttlSeconds: 'Long', login: 'String' },
  context: (input: { ttlSeconds: number; login?: string | undefined }) => ({
    ttlSeconds: input.ttlSeconds,
    login: input.login ?? '',
  }),
} as const

/** By what hosts and certificates stand in their lists: a certificate's `name` is whose it is. */
export const hostSortKeys = {
  newest: (host: { createdAt: Date }) => host.createdAt.toISOString(),
  oldest: (host: { createdAt: Date }) => host.createdAt.toISOString(),
  name: (host: { name: string }) => host.name,
}
export const certificateSortKeys = {
  newest: (certificate: { validAfter: Date }) => certificate.validAfter.toISOString(),
  oldest: (certificate: { validAfter: Date }) => certificate.validAfter.toISOString(),
  expiry: (certificate: { validBefore: Date }) => certificate.validBefore.toISOString(),
  name: (certificate: { principalName: string }) => certificate.principalName,
}

export const sshOperations = [
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
  operation({
    name: 'sshCertificate.sign',
    kind: 'mutation',
    summary: 'Sign your public key for a host: a short-lived certificate.',
    input: z.object({
      host: HostReference,
      publicKey: PublicKeyLine,
      login: HostAccount.optional(),
      /** The authenticator of the key has to know its owner at each log-in, by a PIN or a finger. */
      verifyRequired: z.boolean().default(false),
      ...issue,
    }),
    output: SignedSshCertificate,
    authorize: {
      principals: callers,
      resource: 'SshHost',
      id: (input) => input.host,
      contextTypes: {
        ...issueContext.contextTypes,
        keyType: 'String',
        keyBits: 'Long',
        securityKey: 'Bool',
        verifyRequired: 'Bool',
      },
      context: (input) => {
        const { type, bits, security } = sshKeyFacts(input.publicKey)
        return {
          ...issueContext.context(input),
          keyType: type,
          keyBits: bits,
          securityKey: security,
          verifyRequired: input.verifyRequired,
        }
      },
    },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions', 'emergencyActions'],
    audit: { omit: [], personal: ['login'] },
    refusals: ['host-unreachable', 'host-key-mismatch', 'locked'],
    command: {
      positional: 'host',
      examples: ['db-1 --public-key "$(cat ~/.ssh/id_ed25519.pub)" --ttl 15m --purpose "deploy"'],
    },
  }),
  operation({
    name: 'sshCertificate.list',
    kind: 'query',
    summary: 'Signed SSH certificates.',
    input: z.object({
      ...pageInput,
      state: SshCertificateState.optional(),
      host: HostReference.optional(),
      ...searchInput('SshCertificateSort', ['newest', 'oldest', 'expiry', 'name']),
    }),
    output: page(SshCertificate, 'SshCertificatePage'),
    list: { cursor: validAfter, keys: certificateSortKeys },
    authorize: { principals: callers, resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['role', 'principalName', 'state', 'validBefore', 'purpose', 'sourceAddresses', 'serial', 'id'],
      examples: ['', '--state active', '--json'],
    },
  }),
  operation({
    name: 'sshCertificate.revoke',
    kind: 'mutation',
    summary: 'Revoke a certificate: its serial goes into the KRL.',
    input: z.object({ id: Id, reason: Reason }),
    output: SshCertificate,
    authorize: { principals: callers, resource: 'SshCertificate', id: (input) => input.id },
    assurance: 'mfa',
    groups: ['writeActions', 'emergencyActions'],
    audit: { omit: [] },
    refusals: ['lease-ended'],
    command: { positional: 'id', examples: ['CERTIFICATE --reason "done"'] },
  }),
  operation({
    name: 'sshCa.get',
    kind: 'query',
    summary:
      'Public keys that hosts and clients trust: the user CA, the signer of revocation lists, the management key, ' +
      'the host CA.',
    input: z.object({}),
    output: z
      .object({
        caPublicKey: z.string(),
        caFingerprint: z.string(),
        listSignerPublicKey: z.string(),
        hostCaPublicKey: z.string(),
        managementPublicKey: z.string(),
        /** While it is rotated: the CA that signs next, or the one that signed before and is still trusted. */
        nextCaPublicKey: z.string().nullable(),
        previousCaPublicKey: z.string().nullable(),
      })
      .meta({ id: 'SshCa' }),
    authorize: anyone,
    assurance: 'none',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'sshCa.rotate',
    kind: 'mutation',
    summary:
      'Rotate the user CA: begin with a next one that hosts come to trust, switch to it, and end the one before.',
    input: z.object({
      step: z.enum(['begin', 'switch', 'finish']).meta({ id: 'SshCaStep' }).default('begin'),
      /** Switch although some hosts do not trust the next CA yet: they take no certificates until they do. */
      withoutHosts: z.boolean().default(false),
      reason: Reason,
    }),
    output: z
      .object({ signing: z.string(), trusted: z.array(z.string()), behind: z.array(z.string()) })
      .meta({ id: 'SshCaRotation' }),
    authorize: { principals: ['User'], resource: 'System', id: () => systemId },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: {
        step: 'what to do: make the next CA, sign by it, or end the one before',
        withoutHosts: 'switch although some hosts do not trust the next CA yet',
      },
      examples: [
        '--reason "once a year"',
        '--step switch --reason "all hosts follow"',
        '--step finish --reason "leaked"',
      ],
    },
  }),
  operation({
    name: 'sshKrl.get',
    kind: 'query',
    summary: 'The key revocation list, base64, and its signature as `ssh-keygen -Y verify` takes it.',
    input: z.object({}),
    output: z
      .object({ version: z.int(), krl: z.string(), signature: z.string(), certificates: z.int() })
      .meta({ id: 'SshKrl' }),
    authorize: anyone,
    assurance: 'none',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
] as const
