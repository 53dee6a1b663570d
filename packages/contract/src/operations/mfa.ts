import { z } from 'zod'
import { WebauthnRegistration } from '../ceremony-outputs.ts'
import { AuthenticatorRemoved, BackupCodes, BackupCodeStatus, CodeVerified, MfaDisabled, MfaReset, WebauthnKind } from '../mfa-outputs.ts'
import { operation } from '../operation.ts'
import { Authenticator } from '../outputs.ts'
import { Id, Label, Reason, Reference, SecretText, TotpCode, WebauthnJson } from '../scalars.ts'

const onSelf = { principals: ['User'], resource: 'User', id: (_: unknown, caller: { principalId: string }) => caller.principalId } as const

const onAuthenticator = { principals: ['User'], resource: 'Authenticator', id: (input: { id: string }) => input.id } as const

export const mfaOperations = [
  operation({
    name: 'backupCode.status', kind: 'query', summary: 'How many of your backup codes are left.',
    input: z.object({}), output: BackupCodeStatus,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions', 'readActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { aliases: ['mfa backup-codes'], examples: ['', '--json'] },
  }),
  operation({
    name: 'backupCode.regenerate', kind: 'mutation', summary: 'Make ten new backup codes, shown once; the old ones work until these are confirmed.',
    input: z.object({}), output: BackupCodes,
    authorize: onSelf, assurance: 'su', groups: ['selfActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { aliases: ['mfa regenerate-codes'], examples: ['', '--json'] },
  }),
  operation({
    name: 'backupCode.confirm', kind: 'mutation', summary: 'Put new backup codes in force by typing one of them, which stays unspent; the old ones die.',
    input: z.object({ id: Id, code: SecretText }), output: BackupCodeStatus,
    authorize: onSelf, assurance: 'mfa', groups: ['selfActions'], audit: { omit: [] }, refusals: ['invalid-credentials'], command: { positional: 'id', examples: ['SET --code-stdin < code.txt'] },
  }),
  operation({
    name: 'authenticator.rename', kind: 'mutation', summary: 'Give one of your authenticators another name.',
    input: z.object({ id: Id, name: Label }), output: Authenticator,
    authorize: onAuthenticator, assurance: 'mfa', groups: ['selfActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['AUTHENTICATOR --name "old phone"'] },
  }),
  operation({
    name: 'authenticator.remove', kind: 'mutation', summary: 'Take one of your authenticators away; it proves nothing from now on.',
    input: z.object({ id: Id, reason: Reason }), output: AuthenticatorRemoved,
    authorize: onAuthenticator, assurance: 'su', groups: ['selfActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { aliases: ['mfa remove-device', 'mfa webauthn remove'], positional: 'id', examples: ['AUTHENTICATOR --reason "lost phone"'] },
  }),
  operation({
    name: 'totp.remove', kind: 'mutation', summary: 'Take one of your TOTP authenticators away.',
    input: z.object({ id: Id, reason: Reason }), output: AuthenticatorRemoved,
    authorize: onAuthenticator, assurance: 'su', groups: ['selfActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { aliases: ['mfa totp disable'], positional: 'id', examples: ['AUTHENTICATOR --reason "lost phone"'] },
  }),
  operation({
    name: 'mfa.verify', kind: 'mutation', summary: 'Check a code of one of your authenticators; it is spent, and the session stays as it is.',
    input: z.object({ code: TotpCode }), output: CodeVerified,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: ['invalid-credentials'], firstSteps: 'enrolment', command: { aliases: ['mfa totp verify', 'auth mfa verify'], flags: { code: 'totp' }, examples: ['--totp 123456', '--totp 123456 --json', '--totp "123 456"'] },
  }),
  operation({
    name: 'mfa.disable', kind: 'mutation', summary: 'Take all your authenticators and backup codes away, where your role lets you be without.',
    input: z.object({ reason: Reason }), output: MfaDisabled,
    authorize: onSelf, assurance: 'su', groups: ['selfActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { examples: ['--reason "leaving the pilot"'] },
  }),
  operation({
    name: 'webauthn.registerBegin', kind: 'mutation', summary: 'Begin registering a passkey or a security key: what the browser is to make.',
    input: z.object({ name: Label.default('security key'), kind: WebauthnKind.default('passkey') }), output: WebauthnRegistration,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { hidden: true },
  }),
  operation({
    name: 'webauthn.registerComplete', kind: 'mutation', summary: 'Finish registering a passkey or security key by what the browser made; the session is raised.',
    input: z.object({ id: Id, credential: WebauthnJson }), output: Authenticator,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: ['credential'] }, refusals: ['invalid-credentials'], firstSteps: 'enrolment', command: { hidden: true },
  }),
  operation({
    name: 'mfa.reset', kind: 'mutation', summary: 'Take away another person\'s factors once a second admin has approved; he enrols anew.',
    input: z.object({ user: Reference, reason: Reason }), output: MfaReset,
    authorize: { principals: ['User'], resource: 'User', id: (input) => input.user }, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: ['approval-pending'],
    command: { positional: 'user', examples: ['ada --reason "lost phone and codes"', 'ada --reason "lost phone and codes" --totp 123456', 'ada --reason "lost phone and codes" --json'] },
  }),
] as const
