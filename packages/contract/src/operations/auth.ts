import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { LoginResult, TokenVerification, TokensGiven, WhoAmI } from '../outputs.ts'
import { DeviceDecision, DeviceGrant, DevicePoll, DeviceStart, PasskeyOptions, StepUpOptions, WebauthnOptions } from '../ceremony-outputs.ts'
import { Id, Label, SecretText, TotpCode, WebauthnJson } from '../scalars.ts'

const anonymous = ['Anonymous', 'User', 'Service'] as const
const onSystem = { principals: anonymous, resource: 'System', id: () => systemId } as const
const onSelf = { principals: ['User'], resource: 'User', id: (_: unknown, caller: { principalId: string }) => caller.principalId } as const

/** One hash at a time, and a few log-ins beside it that read and write rows: a storm waits its turn instead of being refused in thousands, each refusal recorded. */
const loginsAtOnce = 8

export const authOperations = [
  operation({
    name: 'auth.login', kind: 'mutation', summary: 'Log in with user name and password; answers with tokens or an MFA challenge.',
    input: z.object({ username: z.string().min(1).max(256), password: SecretText }), output: LoginResult,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [], personal: ['username'] }, refusals: ['invalid-credentials'], parallelMax: loginsAtOnce, command: { hidden: true },
  }),
  operation({
    name: 'auth.completeMfa', kind: 'mutation', summary: 'Answer an MFA challenge; answers with tokens.',
    input: z.object({ challengeId: Id, totp: TotpCode.optional(), backupCode: SecretText.optional(), assertion: WebauthnJson.optional() }), output: TokensGiven,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: ['challengeId', 'assertion'] }, refusals: ['invalid-credentials'], command: { hidden: true },
  }),
  operation({
    name: 'auth.mfaOptions', kind: 'mutation', summary: 'Ask what to sign with a security key or passkey to meet an MFA challenge.',
    input: z.object({ challengeId: Id }), output: WebauthnOptions,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: ['challengeId'] }, refusals: ['invalid-credentials'], command: { hidden: true },
  }),
  operation({
    name: 'auth.passkeyBegin', kind: 'mutation', summary: 'Ask what to sign to log in by a passkey, without a user name.',
    input: z.object({}), output: PasskeyOptions,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: [], command: { hidden: true },
  }),
  operation({
    name: 'auth.passkeyComplete', kind: 'mutation', summary: 'Log in by a passkey: a credential that verified its user counts as two factors.',
    input: z.object({ id: Id, assertion: WebauthnJson }), output: TokensGiven,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: ['id', 'assertion'] }, refusals: ['invalid-credentials'], command: { hidden: true },
  }),
  operation({
    name: 'auth.refresh', kind: 'mutation', summary: 'Exchange a refresh token for new tokens; a token used twice ends its family.',
    input: z.object({ refreshToken: SecretText.optional() }), output: TokensGiven,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: [], parallelMax: 2, command: { hidden: true },
  }),
  operation({
    name: 'auth.logout', kind: 'mutation', summary: 'End this session, or all sessions of yours.',
    input: z.object({ all: z.boolean().default(false) }), output: z.object({ ended: z.int() }).meta({ id: 'LogoutResult' }),
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: [], firstSteps: 'password', command: { hidden: true },
  }),
  operation({
    name: 'auth.verify', kind: 'mutation', summary: 'Say what a token is worth now, in the fields of RFC 7662.',
    input: z.object({ token: SecretText }), output: TokenVerification,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: [], command: { hidden: true },
  }),
  operation({
    name: 'auth.whoami', kind: 'query', summary: 'Who you are, how strongly that is proved, and what is still missing.',
    input: z.object({}), output: WhoAmI,
    authorize: { ...onSystem, principals: ['User', 'Service'] }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], firstSteps: 'password', command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'auth.stepUpBegin', kind: 'mutation', summary: 'Ask by which methods this session may prove a second factor again, and what a key would have to sign; or have a browser do it for this session.',
    input: z.object({ inBrowser: z.boolean().default(false), client: Label.default('gatehouse') }), output: StepUpOptions,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: [], firstSteps: 'password', command: { hidden: true },
  }),
  operation({
    name: 'auth.stepUpComplete', kind: 'mutation', summary: 'Prove a second factor again, without a new session.',
    input: z.object({ totp: TotpCode.optional(), assertion: WebauthnJson.optional() }), output: WhoAmI,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: ['assertion'] }, refusals: ['invalid-credentials'], firstSteps: 'password', command: { hidden: true },
  }),
  operation({
    name: 'auth.deviceStart', kind: 'mutation', summary: 'Begin a log-in that is finished in a browser (RFC 8628): a code to show there, a secret to poll with.',
    input: z.object({ client: Label.default('gatehouse') }), output: DeviceStart,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: [], command: { hidden: true },
  }),
  operation({
    name: 'auth.deviceApprove', kind: 'mutation', summary: 'Approve or deny what a device asks, after looking at it; who looked first is the only one who may decide, and a step-up takes a fresh factor.',
    input: z.object({ userCode: z.string().min(8).max(16), decision: DeviceDecision }), output: DeviceGrant,
    // of a code that still waits the record shall not tell its readers
    authorize: onSelf, assurance: 'mfa', groups: ['selfActions'], audit: { omit: ['userCode'] }, refusals: [], command: { hidden: true },
  }),
  operation({
    name: 'auth.devicePoll', kind: 'mutation', summary: 'Ask whether a device\'s log-in or step-up was approved; a log-in is answered with tokens, once.',
    input: z.object({ deviceCode: SecretText }), output: DevicePoll,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: [], command: { hidden: true },
  }),
  operation({
    name: 'auth.acceptInvite', kind: 'mutation', summary: 'Accept an invitation by setting a password; the invitation is used up.',
    input: z.object({ invitation: SecretText, newPassword: SecretText }), output: TokensGiven,
    authorize: onSystem, assurance: 'none', groups: [], audit: { omit: [] }, refusals: ['invalid-credentials'], command: { hidden: true },
  }),
] as const
