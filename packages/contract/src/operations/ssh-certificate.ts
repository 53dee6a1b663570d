import { sshKeyFacts } from '@gatehouse/kit'
import { z } from 'zod'
import { systemId } from '../entities.ts'
import { HostAccount, HostReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput, PublicKeyLine, Reason } from '../scalars.ts'
import { searchInput } from '../sorting.ts'
import { SignedSshCertificate, SshCertificate, SshCertificateState } from '../ssh-outputs.ts'
import { issue, issueContext } from './ssh-issue.ts'

const validAfter = (item: { validAfter: Date; id: string }): readonly [Cursor['at'], string] => [
  item.validAfter,
  item.id,
]
const callers = ['User', 'Service'] as const
const anyone = { principals: ['Anonymous', 'User', 'Service'], resource: 'System', id: () => systemId } as const

/** By what certificates stand in their lists: the `name` of one is whose it is. */
export const certificateSortKeys = {
  newest: (certificate: { validAfter: Date }) => certificate.validAfter.toISOString(),
  oldest: (certificate: { validAfter: Date }) => certificate.validAfter.toISOString(),
  expiry: (certificate: { validBefore: Date }) => certificate.validBefore.toISOString(),
  name: (certificate: { principalName: string }) => certificate.principalName,
}

export const sshCertificateOperations = [
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
