import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A session that was begun. */
export interface JudgedSession {
  readonly leaseId: string
  readonly accessKeyId: string
  readonly role: string
  readonly endsAt: Date
  /** All that it was asked for with. */
  readonly asked: Readonly<Record<string, string>>
}

/**
 * Stands before moto and judges what moto does not: whether a session is over, whether its role's inline policies deny
 * it something, to all or by its source identity, and whether its own policy allows it. It knows that one condition,
 * beside a time, and no other, takes every role for one that may do everything, and is not AWS.
 */
export interface AwsJudge {
  readonly port: number
  readonly sessions: readonly JudgedSession[]
  /** Leases whose sessions can do something. */
  alive(): Promise<string[]>
  /** Its clock goes on by so much. */
  pass(seconds: number): void
  close(): void
}

interface Judging {
  readonly moto: string
  readonly sessions: JudgedSession[]
  now(): Date
}

/** Starts one before a moto. It ends with this process at the latest. */
export async function startAwsJudge(moto: string): Promise<AwsJudge> {
  let ahead = 0
  const judging: Judging = { moto, sessions: [], now: () => new Date(Date.now() + ahead * 1000) }
  const server = createServer((incoming, response) => {
    judged(judging, incoming, response).catch(() => response.destroy())
  }).unref()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port, // it listens
    sessions: judging.sessions,
    alive: async () => {
      const dead = await Promise.all(judging.sessions.map((session) => isDead(judging, session)))
      return [...new Set(judging.sessions.flatMap(({ leaseId }, index) => (dead[index] === true ? [] : [leaseId])))]
    },
    pass: (seconds) => void (ahead += seconds),
    close: () => void server.close(),
  }
}

async function judged(judging: Judging, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array) // no encoding is set
  const text = Buffer.concat(chunks).toString('utf8')
  const asked = Object.fromEntries(new URLSearchParams(text))
  const action = asked['Action'] ?? ''
  const refused = action === 'AssumeRole' ? faultIn(asked) : await refusalOf(judging, action, incoming.headers)
  if (refused !== null) return void refuse(response, refused)
  const answer = await fetch(`${judging.moto}${incoming.url}`, {
    method: 'POST',
    headers: sentOn(incoming.headers),
    body: text,
  })
  const answered = await answer.text()
  if (action === 'AssumeRole' && answer.ok) judging.sessions.push(sessionIn(judging, asked, answered))
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' }).end(answered)
}

const sentOn = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    ['authorization', 'content-type', 'x-amz-date', 'x-amz-security-token'].flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )

/** What AWS takes for a session; moto takes anything. */
function faultIn(asked: Readonly<Record<string, string>>): string | null {
  const seconds = Number(asked['DurationSeconds'])
  if (!(seconds >= 900 && seconds <= 43_200)) return 'ValidationError'
  if (!/^[\w+=,.@-]{2,64}$/.test(asked['RoleSessionName'] ?? '')) return 'ValidationError'
  if (!/^[\w+=,.@-]{2,64}$/.test(asked['SourceIdentity'] ?? '')) return 'ValidationError'
  return (asked['Policy'] ?? '').length > 2048 ? 'PackedPolicyTooLarge' : null
}

/** Who is denied everything can still ask who they are. */
async function refusalOf(judging: Judging, action: string, headers: IncomingHttpHeaders): Promise<string | null> {
  const [, accessKeyId, service] = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  const session = judging.sessions.find((one) => one.accessKeyId === accessKeyId)
  if (session === undefined) return null
  if (judging.now() >= session.endsAt) return 'ExpiredToken'
  if (action === 'GetCallerIdentity') return null
  const wanted = `${service}:${action}`
  return allows(session.asked['Policy'], wanted) && !(await isDenied(judging, session, wanted)) ? null : 'AccessDenied'
}

function refuse(response: ServerResponse, code: string): void {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>the judge says ${code}</Message></Error>`
  response.writeHead(code === 'ValidationError' ? 400 : 403, { 'content-type': 'text/xml' })
  response.end(`<ErrorResponse>${error}<RequestId>judge</RequestId></ErrorResponse>`)
}

const within = (xml: string, tag: string): string => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? ''

const sessionIn = ({ now }: Judging, asked: Readonly<Record<string, string>>, xml: string): JudgedSession => ({
  leaseId: asked['SourceIdentity'] ?? '',
  accessKeyId: within(xml, 'AccessKeyId'),
  role: (asked['RoleArn'] ?? '').replace(/^.*\//, ''),
  endsAt: new Date(now().getTime() + Number(asked['DurationSeconds']) * 1000),
  asked,
})

const isDead = async (judging: Judging, session: JudgedSession): Promise<boolean> =>
  judging.now() >= session.endsAt || (await isDenied(judging, session, everything))

async function isDenied(judging: Judging, { role, leaseId }: JudgedSession, action: string): Promise<boolean> {
  const listed = await askIam(judging, { Action: 'ListRolePolicies', RoleName: role })
  for (const [, name = ''] of listed.matchAll(/<member>([^<]*)<\/member>/g)) {
    const xml = await askIam(judging, { Action: 'GetRolePolicy', RoleName: role, PolicyName: name })
    const statements = statementsOf(decodeURIComponent(within(xml, 'PolicyDocument')))
    if (statements.some((one) => denies(one, { action, leaseId, now: judging.now() }))) return true
  }
  return false
}

/** Stands for all actions at once: only `*` covers it. */
const everything = '*'

interface Statement {
  readonly Effect?: unknown
  readonly Action?: string | readonly string[]
  readonly Resource?: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

function statementsOf(text: string): readonly Statement[] {
  const { Statement: statements } = JSON.parse(text) as { readonly Statement: Statement | Statement[] } // was put there
  return [statements].flat()
}

const covers = ({ Action: actions = [], Resource }: Statement, action: string): boolean =>
  Resource === '*' && [actions].flat().some((pattern) => isLike(pattern, action))

const isLike = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 'i').test(action)

/** A session without a policy of its own may do what its role may. */
const allows = (policy: string | undefined, action: string): boolean =>
  policy === undefined ||
  statementsOf(policy).some((one) => one.Effect === 'Allow' && one.Condition === undefined && covers(one, action))

interface Denied {
  readonly action: string
  readonly leaseId: string
  readonly now: Date
}

function denies(statement: Statement, { action, leaseId, now }: Denied): boolean {
  if (statement.Effect !== 'Deny' || !covers(statement, action)) return false
  const { StringEquals: equals, DateLessThan: before, ...others } = statement.Condition ?? {}
  if (equals === undefined && before === undefined) return Object.keys(others).length === 0
  const until = new Date(before?.['aws:CurrentTime'] ?? 0)
  return Object.keys(others).length === 0 && equals?.['aws:SourceIdentity'] === leaseId && now < until
}

/** moto asks for no right, and tells services apart by the scope of a signature. */
async function askIam({ moto }: Judging, query: Readonly<Record<string, string>>): Promise<string> {
  const scope = 'Credential=AKIAJUDGE/20260101/us-east-1/iam/aws4_request'
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ ...query, Version: '2010-05-08' }).toString(),
  })
  return answer.text()
}
