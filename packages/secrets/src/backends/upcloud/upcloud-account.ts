import { secret, type Secret } from '@gatehouse/contract'
import { z } from 'zod'
import { BackendError, type BackendProblem } from '../backend-error.ts'
import {
  jsonOf,
  ServiceRefusal,
  wordsOf,
  type Service,
  type ServiceAnswer,
  type ServiceRequest,
} from '../reach-service.ts'

/** An account of UpCloud, asked as somebody who has its password. */
export interface Upcloud {
  readonly service: Service
  /** What stands before every path, such as `/1.3`. */
  readonly base: string
  readonly username: string
  readonly password: Secret<string>
}

interface Call {
  readonly method: ServiceRequest['method']
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

function sent({ service, base, username, password }: Upcloud, { method, path, body }: Call): Promise<ServiceAnswer> {
  const basic = Buffer.from(`${username}:${password.expose()}`, 'utf8').toString('base64')
  return service.ask({
    method,
    path: `${base}${path}`,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json', accept: 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** How UpCloud says that it does not do something: its older calls, and those of tokens (RFC 9457). */
const Problem = z.union([
  z.object({ error: z.object({ error_code: z.string(), error_message: z.string().optional() }) }),
  z.object({ type: z.string(), title: z.string() }),
])

/** UpCloud's own words of a refusal; null: those of somebody who stands before it. */
function wordsIn(answer: ServiceAnswer): string | null {
  const read = Problem.safeParse(jsonOf(answer))
  if (!read.success) return null
  return 'error' in read.data ? (read.data.error.error_message ?? read.data.error.error_code) : read.data.title
}

function refusalOf(answer: ServiceAnswer): BackendError {
  const { status } = answer
  const words = wordsIn(answer)
  const cause = new ServiceRefusal(status)
  if (words === null)
    return new BackendError('unreachable', `what answers there does not answer as UpCloud does (${status})`, { cause })
  return new BackendError(problemOf(status), `UpCloud says: ${wordsOf(words)} (${status})`, { cause })
}

function problemOf(status: number): BackendProblem {
  if (status >= 500 || status === 429) return 'unreachable'
  return status === 401 || status === 403 ? 'denied' : 'unfit'
}

async function asked<T>(upcloud: Upcloud, call: Call, answer: z.ZodType<T>): Promise<T> {
  const answered = await sent(upcloud, call)
  if (answered.status < 200 || answered.status > 299) throw refusalOf(answered)
  const read = answer.safeParse(jsonOf(answered))
  if (!read.success) throw new BackendError('unreachable', 'what answers there does not answer as UpCloud does')
  return read.data
}

/** Has something ended; what is not there any more, by UpCloud's own word, has ended. */
async function ended(upcloud: Upcloud, call: Call): Promise<void> {
  const answer = await sent(upcloud, call)
  if (answer.status === 204 || (answer.status === 200 && jsonOf(answer) !== null)) return
  if (answer.status === 404 && wordsIn(answer) !== null) return
  throw refusalOf(answer)
}

const Accounts = z.object({
  accounts: z.object({ account: z.array(z.object({ username: z.string(), type: z.string() })) }),
})

/** All accounts: only the main one is told of them. */
export const accountsOf = async (upcloud: Upcloud): Promise<{ readonly username: string; readonly type: string }[]> =>
  (await asked(upcloud, { method: 'GET', path: '/account/list' }, Accounts)).accounts.account

/** A target that a sub-account may use. */
export interface UpcloudPermission {
  readonly targetType: string
  readonly target: string
}

/** Makes a sub-account that has the API alone, and nothing to do with it yet. */
export async function makeSub(upcloud: Upcloud, sub: { readonly username: string; readonly password: Secret<string> }) {
  const { username, password } = sub
  const sub_account = {
    username,
    password: password.expose(),
    first_name: 'Gatehouse',
    last_name: 'Lease',
    email: `${username}@gatehouse.invalid`, // nobody is to be written to
    phone: '+358.0000000',
    country: 'FIN',
    currency: 'EUR',
    language: 'en',
    timezone: 'UTC',
    allow_api: 'yes',
    allow_gui: 'no',
    roles: { role: [] },
    ip_filters: { ip_filter: [] },
  }
  await asked(upcloud, { method: 'POST', path: '/account/sub', body: { sub_account } }, z.unknown())
}

/** Ends a sub-account; one that is gone is gone. */
export const endSub = (upcloud: Upcloud, username: string): Promise<void> =>
  ended(upcloud, { method: 'DELETE', path: `/account/sub/${username}` })

/** Whether a sub-account is not there any more, by UpCloud's own word. */
export async function isSubGone(upcloud: Upcloud, username: string): Promise<boolean> {
  const answer = await sent(upcloud, { method: 'GET', path: `/account/details/${username}` })
  if (answer.status === 200 && jsonOf(answer) !== null) return false
  if (answer.status === 404 && wordsIn(answer) !== null) return true
  throw refusalOf(answer)
}

const permissionOf = (user: string, { targetType, target }: UpcloudPermission) => ({
  permission: { user, target_type: targetType, target_identifier: target },
})

export const grant = async (upcloud: Upcloud, user: string, one: UpcloudPermission): Promise<void> =>
  void (await asked(upcloud, { method: 'POST', path: '/permission/grant', body: permissionOf(user, one) }, z.unknown()))

export const ungrant = (upcloud: Upcloud, user: string, one: UpcloudPermission): Promise<void> =>
  ended(upcloud, { method: 'POST', path: '/permission/revoke', body: permissionOf(user, one) })

export interface NewToken {
  readonly name: string
  readonly expiresAt: Date
  readonly addresses: readonly string[]
}

const MadeToken = z.object({ id: z.string().min(1), token: z.string().min(1) })

/** Has the account that asks make a token of its own. */
export async function makeToken(upcloud: Upcloud, { name, expiresAt, addresses }: NewToken) {
  const body = { name, expires_at: expiresAt.toISOString(), can_create_tokens: false, allowed_ip_ranges: addresses }
  const { id, token } = await asked(upcloud, { method: 'POST', path: '/account/tokens', body }, MadeToken)
  return { id, token: secret(token) }
}

/** Ends a token of the account that asks; one that is gone is gone, and so is one whose account is. */
export async function endToken(upcloud: Upcloud, id: string): Promise<void> {
  const answer = await sent(upcloud, { method: 'DELETE', path: `/account/tokens/${id}` })
  if (answer.status === 204 || (answer.status === 200 && jsonOf(answer) !== null)) return
  if ([401, 404].includes(answer.status) && wordsIn(answer) !== null) return
  throw refusalOf(answer)
}
