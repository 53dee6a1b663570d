import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/**
 * A stand-in for UpCloud's API 1.3, built from its documentation: nothing real can be had for tests, and no answer of
 * UpCloud's was seen when this was written. It checks every field that it is sent, knows no other, and can be made to
 * fail.
 */
export interface UpcloudStandIn {
  readonly port: number
  /** The main account. */
  readonly username: string
  readonly password: string
  /** A server of it. */
  readonly server: string
  /** Sub-accounts that are there, by their names. */
  subs(): string[]
  /** The permissions that anybody has, as `username target_type target`. */
  permissions(): string[]
  /** Tokens that are let in. */
  livingTokens(): string[]
  /** Its clock goes on by so much. */
  pass(seconds: number): void
  /** Answers this status to everything; null: what is right. */
  fail(status: number | null): void
  close(): void
}

const yesNo = z.enum(['yes', 'no'])
const Sub = z.strictObject({
  sub_account: z.strictObject({
    username: z.string().regex(/^[a-z0-9_-]{4,64}$/),
    password: z.string().min(8).max(64),
    first_name: z.string().min(1).max(64),
    last_name: z.string().min(1).max(64),
    email: z.email(),
    phone: z.string().regex(/^\+\d{1,3}\.\d{4,14}$/),
    country: z.string().regex(/^[A-Z]{3}$/),
    currency: z.enum(['EUR', 'USD', 'GBP', 'SGD']),
    language: z.enum(['en', 'fi']),
    timezone: z.string().min(1),
    allow_api: yesNo,
    allow_gui: yesNo,
    roles: z.strictObject({ role: z.array(z.string()) }),
    ip_filters: z.strictObject({ ip_filter: z.array(z.string()) }),
  }),
})

const targetTypes = [
  'server',
  'storage',
  'network',
  'router',
  'object_storage',
  'managed_database',
  'managed_loadbalancer',
  'tag_access',
] as const
const Permission = z.strictObject({
  permission: z.strictObject({
    user: z.string(),
    target_type: z.enum(targetTypes),
    target_identifier: z.string().min(1),
    options: z.strictObject({ storage: yesNo }).optional(),
  }),
})

const Token = z.strictObject({
  name: z.string().min(1).max(255),
  expires_at: z.iso.datetime(),
  can_create_tokens: z.literal(false),
  allowed_ip_ranges: z.array(z.union([z.cidrv4(), z.cidrv6()])).min(1),
})

interface HeldToken {
  readonly id: string
  readonly owner: string
  readonly text: string
  readonly expiresAt: Date
}

/** Who calls: an account by its password, or by a token. */
interface Caller {
  readonly username: string
  readonly main: boolean
  readonly byToken: boolean
}

interface State {
  readonly main: { readonly username: string; readonly password: string }
  readonly server: string
  readonly subs: Map<string, string>
  readonly permissions: Set<string>
  readonly tokens: Map<string, HeldToken>
  now(): Date
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly caller: Caller
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

/** Starts one, with a main account and a server of it. It ends with this process at the latest. */
export async function startUpcloudStandIn(): Promise<UpcloudStandIn> {
  let [ahead, failing]: [number, number | null] = [0, null]
  const state: State = {
    main: { username: 'gatehouse_main', password: randomBytes(12).toString('hex') },
    server: randomUUID(),
    subs: new Map(),
    permissions: new Set(),
    tokens: new Map(),
    now: () => new Date(Date.now() + ahead * 1000),
  }
  const server = createServer((incoming, response) => {
    const answered = failing === null ? answerTo(state, incoming) : Promise.resolve(problem(failing, 'MADE_TO_FAIL'))
    void answered.then((answer) => send(response, answer, state.now()))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.unref()
  return {
    port: (server.address() as AddressInfo).port, // it listens
    ...state.main,
    server: state.server,
    subs: () => [...state.subs.keys()],
    permissions: () => [...state.permissions],
    livingTokens: () => [...state.tokens.values()].filter((one) => isLiving(state, one)).map(({ text }) => text),
    pass: (seconds) => void (ahead += seconds),
    fail: (status) => void (failing = status),
    close: () => void server.close(),
  }
}

const isLiving = ({ subs, now }: State, { owner, expiresAt }: HeldToken): boolean =>
  subs.has(owner) && now() < expiresAt

const problem = (status: number, code: string): Answer => ({
  status,
  body: { error: { error_code: code, error_message: `the stand-in says ${code}` } },
})

function send(response: ServerResponse, { status, body }: Answer, now: Date): void {
  const date = now.toUTCString()
  response.writeHead(status, { server: 'upcloud-stand-in (not UpCloud)', date, 'content-type': 'application/json' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

async function answerTo(state: State, incoming: IncomingMessage): Promise<Answer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array) // no encoding is set
  const text = Buffer.concat(chunks).toString('utf8')
  const caller = callerOf(state, incoming.headers.authorization ?? '')
  if (caller === null) return problem(401, 'AUTHENTICATION_FAILED')
  const { method = '', url = '' } = incoming
  if (!url.startsWith('/1.3/')) return problem(404, 'NOT_FOUND')
  if (text !== '' && incoming.headers['content-type'] !== 'application/json') return problem(415, 'NOT_JSON')
  return route(state, { method, path: url.slice('/1.3'.length), body: text === '' ? null : JSON.parse(text), caller })
}

function callerOf(state: State, header: string): Caller | null {
  const { main, subs, tokens } = state
  if (header.startsWith('Bearer ')) {
    const token = [...tokens.values()].find(({ text }) => text === header.slice('Bearer '.length))
    return token !== undefined && isLiving(state, token) ? { username: token.owner, main: false, byToken: true } : null
  }
  const [username = '', password] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString('utf8')
    .split(':')
  if (username === main.username && password === main.password) return { username, main: true, byToken: false }
  return subs.get(username) === password ? { username, main: false, byToken: false } : null
}

function route(state: State, asked: Asked): Answer {
  const { method, path, caller } = asked
  const [, noun, kind = '', name = ''] = path.split('/')
  if (noun === 'server' && method === 'GET') return serverFor(state, caller, kind)
  if (caller.byToken) return problem(403, 'FORBIDDEN') // what is given out opens nothing of accounts
  if (path === '/account/tokens' && method === 'POST') return makeToken(state, asked)
  if (noun === 'account' && kind === 'tokens' && name !== '') return oneToken(state, asked, name)
  if (!caller.main) return problem(403, 'FORBIDDEN')
  if (path === '/account/list' && method === 'GET') return accounts(state)
  if (path === '/account/sub' && method === 'POST') return makeSub(state, asked)
  if (noun === 'account' && kind === 'sub' && method === 'DELETE') return endSub(state, name)
  if (noun === 'account' && kind === 'details' && method === 'GET') return detailsOf(state, name)
  if (noun === 'permission' && method === 'POST') return changePermission(state, asked, kind)
  return problem(404, 'NOT_FOUND')
}

function serverFor({ permissions, server }: State, { username, main }: Caller, uuid: string): Answer {
  const may = main || permissions.has(`${username} server ${uuid}`)
  return may && uuid === server ? { status: 200, body: { server: { uuid } } } : problem(404, 'SERVER_NOT_FOUND')
}

function accounts({ main, subs }: State): Answer {
  const account = [
    { roles: { role: [] }, type: 'main', username: main.username },
    ...[...subs.keys()].map((username) => ({ roles: { role: [] }, type: 'sub', username })),
  ]
  return { status: 200, body: { accounts: { account } } }
}

function makeSub({ subs, main }: State, { body }: Asked): Answer {
  const read = Sub.safeParse(body)
  if (!read.success) return problem(400, `INVALID ${z.prettifyError(read.error)}`)
  const { username, password } = read.data.sub_account
  if (subs.has(username) || username === main.username) return problem(409, 'USERNAME_EXISTS')
  subs.set(username, password)
  return { status: 201, body: { sub_account: { username } } }
}

function endSub({ subs, permissions }: State, username: string): Answer {
  if (!subs.delete(username)) return problem(404, 'USER_NOT_FOUND')
  for (const one of permissions) if (one.startsWith(`${username} `)) permissions.delete(one)
  return { status: 204 }
}

const detailsOf = ({ subs, main }: State, username: string): Answer =>
  subs.has(username) || username === main.username
    ? { status: 200, body: { account: { username, type: username === main.username ? 'main' : 'sub' } } }
    : problem(404, 'USER_NOT_FOUND')

function changePermission({ subs, permissions, server }: State, { body }: Asked, verb: string): Answer {
  const read = Permission.safeParse(body)
  if (!read.success) return problem(400, `INVALID ${z.prettifyError(read.error)}`)
  const { user, target_type: type, target_identifier: target } = read.data.permission
  if (!subs.has(user)) return problem(404, 'USER_NOT_FOUND')
  if (type !== 'server' || target !== server) return problem(404, 'TARGET_NOT_FOUND')
  const one = `${user} ${type} ${target}`
  if (verb === 'grant') permissions.add(one)
  else if (!permissions.delete(one)) return problem(404, 'PERMISSION_NOT_FOUND')
  return { status: 200, body: read.data }
}

function makeToken({ subs, tokens, now }: State, { body, caller }: Asked): Answer {
  const read = Token.safeParse(body)
  if (!read.success) return problem(400, `INVALID ${z.prettifyError(read.error)}`)
  const expiresAt = new Date(read.data.expires_at)
  if (expiresAt <= now()) return problem(400, 'EXPIRES_IN_THE_PAST')
  if (!subs.has(caller.username)) return problem(403, 'FORBIDDEN')
  const id = randomUUID()
  const text = `ucat_${tokenText()}`
  tokens.set(id, { id, owner: caller.username, text, expiresAt })
  return { status: 201, body: { id, token: text, name: read.data.name, expires_at: read.data.expires_at } }
}

/** 26 letters and digits, as UpCloud's own have. */
const tokenText = (): string => {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  return [...randomBytes(26)].map((byte) => letters[byte % letters.length]).join('')
}

function oneToken({ tokens }: State, { method, caller }: Asked, id: string): Answer {
  const token = tokens.get(id)
  if (token === undefined || (token.owner !== caller.username && !caller.main)) return problem(404, 'TOKEN_NOT_FOUND')
  if (method === 'GET') return { status: 200, body: { id, expires_at: token.expiresAt.toISOString() } }
  if (method !== 'DELETE') return problem(404, 'NOT_FOUND')
  tokens.delete(id)
  return { status: 204 }
}
