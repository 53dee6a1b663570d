import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { secret } from '@gatehouse/contract'
import { createOutboundHttp, OutboundError, type Outbound } from '@gatehouse/kit/outbound'
import { BackendError, type BackendProblem } from '../backend-error.ts'
import { outboundProblem, serviceAddress, wordsOf } from '../reach-service.ts'
import type { AwsAccount, AwsContact, Denial, NewSession, OwnKey, Session } from './aws-types.ts'

interface Aws {
  readonly sts: STSClient
  readonly iam: IAMClient
  readonly left: () => number
}

/** An answer of STS or IAM is some kilobytes; a list of policies a little more. */
const answerBytesMax = 1024 * 1024
const nothing = (): void => {}
/** The chain would tell standard error which of several credentials it takes. */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Reaches an account. Whatever is asked goes through the gate, to the address that was looked at. */
function reachAws({ outbound, region, key, endpoint, secondsMax }: AwsContact): Aws {
  const until = performance.now() + secondsMax * 1000
  const left = (): number => (until - performance.now()) / 1000
  const settings = {
    region,
    logger: silent,
    maxAttempts: 1, // who calls us tries again, and knows until when
    requestHandler: { handle: handlerOf(outbound, { left, secondsMax }) },
    ...(endpoint === null ? {} : { endpoint: serviceAddress(endpoint) }),
    ...(key === null ? {} : { credentials: exposed(key) }),
  }
  return { sts: new STSClient(settings), iam: new IAMClient(settings), left }
}

const exposed = ({ accessKeyId, secretAccessKey, sessionToken }: OwnKey) => ({
  accessKeyId,
  secretAccessKey: secretAccessKey.expose(),
  ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.expose() }),
})

/** A request, as the SDK describes it; its queries stand in bodies. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface Deadline {
  readonly left: () => number
  readonly secondsMax: number
}

const handlerOf = (outbound: Outbound, { left, secondsMax }: Deadline) => {
  const http = createOutboundHttp({ outbound, reach: 'anywhere' })
  return async ({ protocol, hostname, port, path, headers, body }: SdkRequest) => {
    if (left() <= 0) throw new BackendError('unreachable', `AWS was not done within ${secondsMax} s`)
    const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`
    const text = typeof body === 'string' ? body : ''
    const answer = await http.send({
      url,
      method: 'POST',
      headers,
      body: text,
      secondsMax: left(),
      answerBytesMax,
      plain: 'allowed',
    })
    const given = Object.entries(answer.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    )
    return { response: { statusCode: answer.status, headers: Object.fromEntries(given), body: answer.body } }
  }
}

/** Names of AWS's for what it is that it does not do. */
const problemByName: Readonly<Record<string, BackendProblem>> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  InvalidClientTokenId: 'denied',
  UnrecognizedClientException: 'denied',
  SignatureDoesNotMatch: 'denied',
  IncompleteSignature: 'denied',
  ExpiredToken: 'denied',
  ExpiredTokenException: 'denied',
  NoSuchEntity: 'unfit',
  NoSuchEntityException: 'unfit',
  ValidationError: 'unfit',
  MalformedPolicyDocument: 'unfit',
  MalformedPolicyDocumentException: 'unfit',
  PackedPolicyTooLarge: 'unfit',
  PackedPolicyTooLargeException: 'unfit',
  RegionDisabledException: 'unfit',
  LimitExceeded: 'unfit',
  LimitExceededException: 'unfit',
  CredentialsProviderError: 'unfit',
  TokenProviderError: 'unfit',
}

/** Not of AWS's, or of an AWS that cannot now: nothing is known of what was asked. */
const unknown: BackendProblem = 'unreachable'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && ['NoSuchEntity', 'NoSuchEntityException'].includes(error.name)

/** Says of every failure what it means. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof BackendError) throw cause
    if (cause instanceof OutboundError) throw outboundProblem(cause)
    if (!(cause instanceof Error)) throw cause
    throw new BackendError(
      problemByName[cause.name] ?? unknown,
      `AWS says: ${wordsOf(cause.message)} (${cause.name})`,
      { cause },
    )
  }
}

async function callerOf({ sts }: Aws): Promise<{ readonly account: string; readonly arn: string }> {
  const { Account: account, Arn: arn } = await asked(() => sts.send(new GetCallerIdentityCommand({})))
  if (account === undefined || arn === undefined) throw noAnswer()
  return { account, arn }
}

const noAnswer = (): BackendError => new BackendError(unknown, 'what answers there does not answer as AWS does')

async function beginSession({ sts }: Aws, session: NewSession): Promise<Session> {
  const { roleArn, policy, externalId, tags, leaseId, backendId, seconds } = session
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: `gatehouse-${leaseId}`,
    DurationSeconds: seconds,
    SourceIdentity: leaseId,
    Tags: [
      ...tags.map(({ key: Key, value: Value }) => ({ Key, Value })),
      { Key: 'gatehouse-backend', Value: backendId },
    ],
    ...(policy === null ? {} : { Policy: JSON.stringify(JSON.parse(policy)) }), // AWS counts blanks as well
    ...(externalId === null ? {} : { ExternalId: externalId }),
  })
  const { Credentials: given } = await asked(() => sts.send(command))
  const { AccessKeyId: id, SecretAccessKey: key, SessionToken: token } = given ?? {}
  if (id === undefined || key === undefined || token === undefined) throw noAnswer()
  return { accessKeyId: id, secretAccessKey: secret(key), sessionToken: secret(token) }
}

/** What `witnessAction` names. */
const act = async ({ iam }: Aws): Promise<void> => void (await asked(() => iam.send(new ListAccountAliasesCommand({}))))

/** A role's own name, without its path. */
const roleNameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)

const prefix = 'gatehouse-denies'
/** When it is over stands in its name, so that it can be taken away by whoever lists them. */
const denialName = ({ leaseId, until }: Denial): string => `${prefix}-${Math.ceil(until.getTime() / 1000)}-${leaseId}`
const denialForm = new RegExp(`^${prefix}-(\\d{1,12})-`)

const denialText = ({ leaseId, until }: Denial): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:SourceIdentity': leaseId },
          DateLessThan: { 'aws:CurrentTime': until.toISOString() },
        },
      },
    ],
  })

async function deny({ iam }: Aws, denial: Denial): Promise<void> {
  const command = new PutRolePolicyCommand({
    RoleName: roleNameOf(denial.roleArn),
    PolicyName: denialName(denial),
    PolicyDocument: denialText(denial),
  })
  await asked(async () => {
    try {
      await iam.send(command)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  })
}

const allowAgain = async ({ iam }: Aws, denial: Denial): Promise<void> => {
  const place = { RoleName: roleNameOf(denial.roleArn), PolicyName: denialName(denial) }
  await asked(() => iam.send(new DeleteRolePolicyCommand(place)))
}

async function clearDenials({ iam }: Aws, { roleArn, now }: { readonly roleArn: string; readonly now: Date }) {
  const RoleName = roleNameOf(roleArn)
  const { PolicyNames: names = [] } = await asked(() => iam.send(new ListRolePoliciesCommand({ RoleName })))
  for (const PolicyName of names) {
    const until = Number(denialForm.exec(PolicyName)?.[1] ?? Infinity)
    if (until * 1000 < now.getTime()) await asked(() => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })))
  }
}

async function requireRole({ iam }: Aws, roleArn: string): Promise<void> {
  const { Role: role } = await asked(() => iam.send(new GetRoleCommand({ RoleName: roleNameOf(roleArn) })))
  if (role?.Arn !== roleArn) throw new BackendError('unfit', 'AWS has another role under this name: look at its ARN')
}

async function makeOwnKey({ iam }: Aws): Promise<OwnKey> {
  const { AccessKey: made } = await asked(() => iam.send(new CreateAccessKeyCommand({})))
  if (made?.AccessKeyId === undefined || made.SecretAccessKey === undefined) throw noAnswer()
  return { accessKeyId: made.AccessKeyId, secretAccessKey: secret(made.SecretAccessKey) }
}

const endOwnKey = ({ iam }: Aws, accessKeyId: string): Promise<void> =>
  asked(async () => {
    try {
      await iam.send(new DeleteAccessKeyCommand({ AccessKeyId: accessKeyId }))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  })

/** Reaches an account. The SDK is loaded by the first who does: most systems have no backend there. */
export function openAws(contact: AwsContact): AwsAccount {
  const aws = reachAws(contact)
  return {
    left: aws.left,
    caller: () => callerOf(aws),
    begin: (session) => beginSession(aws, session),
    act: () => act(aws),
    deny: (denial) => deny(aws, denial),
    allowAgain: (denial) => allowAgain(aws, denial),
    clearDenials: (role) => clearDenials(aws, role),
    requireRole: (roleArn) => requireRole(aws, roleArn),
    makeOwnKey: () => makeOwnKey(aws),
    endOwnKey: (accessKeyId) => endOwnKey(aws, accessKeyId),
  }
}
