import { z } from 'zod'
import { systemId } from '../entities.ts'
import { HostAccount, HostReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { IssuedSshOtp, SshOtpVerification } from '../ssh-outputs.ts'
import { Ip, Purpose, SecretText, SshFingerprint, TtlSeconds } from '../scalars.ts'

/** Long enough to type it, and to come back from answering a question first. */
const otpSecondsDefault = 300

export const sshOtpOperations = [
  operation({
    name: 'sshOtp.issue',
    kind: 'mutation',
    summary: 'Issue a password that opens one log-in to a host; it is shown once.',
    input: z.object({
      host: HostReference,
      login: HostAccount.optional(),
      workspace: WorkspaceReference.default('default'),
      purpose: Purpose,
      ttlSeconds: TtlSeconds.default(otpSecondsDefault),
    }),
    output: IssuedSshOtp,
    authorize: {
      principals: ['User', 'Service'],
      resource: 'SshHost',
      id: (input) => input.host,
      contextTypes: { ttlSeconds: 'Long', login: 'String' },
      context: (input) => ({ ttlSeconds: input.ttlSeconds, login: input.login ?? '' }),
    },
    assurance: 'mfa',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [], personal: ['login'] },
    refusals: ['host-unreachable', 'host-key-mismatch', 'host-access-refused', 'locked'],
    command: {
      positional: 'host',
      aliases: ['ssh otp'],
      quiet: 'otp',
      examples: ['db-1 --purpose "restore orders"', 'db-1 --login postgres --ttl 10m --purpose "restore orders"'],
    },
  }),
  operation({
    name: 'sshOtp.verify',
    kind: 'mutation',
    summary: 'Ask, as a host, whether a one-time password is good here; it is spent by being asked about.',
    input: z.object({
      otp: SecretText,
      account: HostAccount.optional(),
      clientAddress: Ip.optional(),
      /** Of a key of the host that asks: hosts may ask from one address, and a password is one host's. */
      hostFingerprint: SshFingerprint.optional(),
    }),
    output: SshOtpVerification,
    authorize: { principals: ['Anonymous', 'User', 'Service'], resource: 'System', id: () => systemId },
    assurance: 'none',
    groups: [],
    audit: { omit: [], personal: ['account', 'clientAddress'] },
    refusals: ['invalid-credentials'],
    command: { hidden: true },
  }),
] as const
