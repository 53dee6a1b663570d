import { secret, type Secret } from '@gatehouse/contract'
import { z } from 'zod'
import { BackendError, type BackendProblem } from '../backend-error.ts'
import { jsonOf, ServiceRefusal, wordsOf, type Service, type ServiceAnswer } from '../reach-service.ts'

/** A Vault or OpenBao, asked as the holder of a token. */
export interface Vault {
  readonly service: Service
  readonly token: Secret<string>
}

interface Call<T> {
  readonly method: 'GET' | 'POST'
  /** Behind `/v1/`, of parts that need no encoding. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly answer: z.ZodType<T>
}

const nothing = z.unknown()

/** Asks for something, and reads the answer. Throws `BackendError` for whatever is not the answer to this. */
async function ask<T>(vault: Vault, call: Call<T>): Promise<T> {
  const answered = await sent(vault, call)
  if (answered.status < 200 || answered.status > 299) throw refusalOf(answered)
  const read = call.answer.safeParse(answered.status === 204 ? {} : jsonOf(answered))
  if (!read.success) throw new BackendError('unreachable', 'what answers there does not answer as a Vault does')
  return read.data
}

const sent = ({ service, token }: Vault, { method, path, body }: Call<unknown>): Promise<ServiceAnswer> =>
  service.ask({
    method,
    path: `/v1/${path}`,
    headers: { 'x-vault-token': token.expose(), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** What a Vault says of a call that it does not do; null: those are not its words. */
function errorsOf(answer: ServiceAnswer): string[] | null {
  const read = z.object({ errors: z.array(z.string()) }).safeParse(jsonOf(answer))
  return read.success ? read.data.errors : null
}

function refusalOf(answer: ServiceAnswer): BackendError {
  const { status } = answer
  const errors = errorsOf(answer)
  const cause = new ServiceRefusal(status)
  if (errors === null) return new BackendError('unreachable', `what answers there is no Vault (${status})`, { cause })
  return new BackendError(problemOf(status), `Vault says: ${wordsOf(errors.join('; '))} (${status})`, { cause })
}

function problemOf(status: number): BackendProblem {
  if (status >= 500 || status === 429 || status === 412 || status === 472 || status === 473) return 'unreachable'
  return status === 403 ? 'denied' : 'unfit'
}

/** Whether something is gone, by the Vault's own word for it; what anybody else says proves nothing. */
async function isGone(vault: Vault, call: Omit<Call<unknown>, 'answer'>, word: string): Promise<boolean> {
  const answer = await sent(vault, { ...call, answer: nothing })
  if (answer.status === 204 || (answer.status === 200 && jsonOf(answer) !== null)) return false
  const own = errorsOf(answer)?.some((error) => error.includes(word)) === true
  if (own && answer.status < 500) return true
  throw refusalOf(answer)
}

/** Which Vault it is, by its own word. Asked without a token's right. */
export async function clusterOf(vault: Vault): Promise<string> {
  const answer = z.object({ cluster_id: z.string().min(1) })
  return (await ask(vault, { method: 'GET', path: 'sys/health?standbyok=true&perfstandbyok=true', answer })).cluster_id
}

const Own = z.object({
  data: z.object({
    display_name: z.string(),
    type: z.string(),
    policies: z.array(z.string()),
    /** Seconds; 0: it does not end. */
    ttl: z.number(),
    creation_ttl: z.number(),
    period: z.number().nullish(),
    renewable: z.boolean(),
  }),
})
/** What a Vault says of our own token. */
export type OwnToken = z.output<typeof Own>['data']

export const ownToken = async (vault: Vault): Promise<OwnToken> =>
  (await ask(vault, { method: 'GET', path: 'auth/token/lookup-self', answer: Own })).data

/** So that a token which has an end and may be renewed never comes to it. */
export const renewOwn = (vault: Vault): Promise<unknown> =>
  ask(vault, { method: 'POST', path: 'auth/token/renew-self', body: {}, answer: nothing })

/** What of these our token may not do. */
async function missingRights(
  vault: Vault,
  needed: Readonly<Record<string, 'read' | 'update' | 'list' | 'sudo'>>,
): Promise<string[]> {
  const answer = z.object({ data: z.record(z.string(), z.array(z.string())) })
  const body = { paths: Object.keys(needed) }
  const { data } = await ask(vault, { method: 'POST', path: 'sys/capabilities-self', body, answer })
  return Object.entries(needed).flatMap(([path, right]) => {
    const has = data[path] ?? []
    return has.includes('root') || has.includes(right) ? [] : [`${right} on ${path}`]
  })
}

/** Refuses by name what our token may not do. */
export async function refuseWithout(vault: Vault, needed: Parameters<typeof missingRights>[1]): Promise<void> {
  const missing = await missingRights(vault, needed)
  if (missing.length > 0) throw new BackendError('denied', `Gatehouse's token lacks ${missing.join(', ')}`)
}

export interface NewChild {
  readonly name: string
  readonly meta: Readonly<Record<string, string>>
  readonly ttlSeconds: number
  readonly ttlSecondsMax: number
}

/** A token under which one credential is asked for: whatever was asked for with it dies with it. */
export interface Child {
  readonly token: Secret<string>
  /** By which it can be taken away, and not used. */
  readonly accessor: string
}

/** Makes a child of our token. */
export async function makeChild(vault: Vault, child: NewChild): Promise<Child> {
  const body = {
    display_name: child.name,
    meta: child.meta,
    ttl: `${child.ttlSeconds}s`,
    explicit_max_ttl: `${child.ttlSecondsMax}s`,
    renewable: true,
    type: 'service',
  }
  return tokenIn(await ask(vault, { method: 'POST', path: 'auth/token/create', body, answer: MadeToken }))
}

const MadeToken = z.object({ auth: z.object({ client_token: z.string().min(1), accessor: z.string().min(1) }) })
const tokenIn = ({ auth }: z.output<typeof MadeToken>): Child => ({
  token: secret(auth.client_token),
  accessor: auth.accessor,
})

/**
 * Makes a token like ours, that nobody has seen and that hangs on no other. Throws `BackendError`, and makes none,
 * where ours could not be ended after it.
 */
export async function makeLikeOwn(vault: Vault): Promise<Secret<string>> {
  await refuseWithout(vault, { 'auth/token/create-orphan': 'sudo', 'auth/token/revoke-orphan': 'sudo' })
  const own = await ownToken(vault)
  const ttl = own.creation_ttl > 0 ? { ttl: `${own.creation_ttl}s` } : {}
  const body = {
    display_name: 'gatehouse',
    policies: own.policies,
    no_default_policy: !own.policies.includes('default'),
    renewable: true,
    type: 'service',
    ...((own.period ?? 0) > 0 ? { period: `${own.period}s` } : ttl),
  }
  return tokenIn(await ask(vault, { method: 'POST', path: 'auth/token/create-orphan', body, answer: MadeToken })).token
}

/** Ends a token of ours and none of what was made under it. One that is gone is gone. */
export async function endAlone(vault: Vault, token: Secret<string>): Promise<void> {
  const body = { token: token.expose() }
  await isGone(vault, { method: 'POST', path: 'auth/token/revoke-orphan', body }, 'not found')
}

/** Ends a token by its accessor, with all that was made under it, a moment later. One that is gone is gone. */
export async function endChild(vault: Vault, accessor: string): Promise<void> {
  const call = { method: 'POST', path: 'auth/token/revoke-accessor', body: { accessor } } as const
  await isGone(vault, call, 'invalid accessor')
}

/** Gives a token more time, counted from now. Answers how much it got. */
export async function extendChild(vault: Vault, accessor: string, seconds: number): Promise<number> {
  const answer = z.object({ auth: z.object({ lease_duration: z.number() }) })
  const body = { accessor, increment: `${seconds}s` }
  return (await ask(vault, { method: 'POST', path: 'auth/token/renew-accessor', body, answer })).auth.lease_duration
}

const Credential = z.object({
  lease_id: z.string(),
  lease_duration: z.number(),
  data: z.record(z.string(), z.unknown()).nullable(),
})
/** What an engine of a Vault has made. */
export type MadeCredential = z.output<typeof Credential>

export const readCredential = (vault: Vault, path: string): Promise<MadeCredential> =>
  ask(vault, { method: 'GET', path, answer: Credential })

/** Gives a credential more time, counted from now. Answers how much it got. */
export async function extendLease(vault: Vault, leaseId: string, seconds: number): Promise<number> {
  const answer = z.object({ lease_duration: z.number() })
  const body = { lease_id: leaseId, increment: seconds }
  return (await ask(vault, { method: 'POST', path: 'sys/leases/renew', body, answer })).lease_duration
}

/** Takes a credential away, and comes back when it is; one that is gone is gone. */
export async function endLease(vault: Vault, leaseId: string): Promise<void> {
  const body = { lease_id: leaseId, sync: true }
  await isGone(vault, { method: 'POST', path: 'sys/leases/revoke', body }, 'invalid lease')
}

/** Whether a credential is not there any more. */
export const isLeaseGone = (vault: Vault, leaseId: string): Promise<boolean> =>
  isGone(vault, { method: 'POST', path: 'sys/leases/lookup', body: { lease_id: leaseId } }, 'invalid lease')

/** The credentials of one path, by their ids. */
export async function leasesUnder(vault: Vault, path: string): Promise<string[]> {
  const call = { method: 'GET', path: `sys/leases/lookup/${path}/?list=true` } as const
  const answer = await sent(vault, { ...call, answer: nothing })
  // a list of nothing is a 404 of its own
  if (answer.status === 404 && errorsOf(answer)?.length === 0) return []
  if (answer.status !== 200) throw refusalOf(answer)
  const read = z.object({ data: z.object({ keys: z.array(z.string()) }) }).safeParse(jsonOf(answer))
  if (!read.success) throw new BackendError('unreachable', 'what answers there does not answer as a Vault does')
  return read.data.data.keys.map((key) => `${path}/${key}`)
}

/** Whether a credential is past its end and still there: its engine could not take it away. */
export async function isPastItsEnd(vault: Vault, leaseId: string): Promise<boolean> {
  const call = { method: 'POST', path: 'sys/leases/lookup', body: { lease_id: leaseId } } as const
  const answer = await sent(vault, { ...call, answer: nothing })
  if (answer.status === 400 && errorsOf(answer)?.some((error) => error.includes('invalid lease')) === true) return false
  if (answer.status !== 200) throw refusalOf(answer)
  const read = z.object({ data: z.object({ ttl: z.number() }) }).safeParse(jsonOf(answer))
  if (!read.success) throw new BackendError('unreachable', 'what answers there does not answer as a Vault does')
  return read.data.data.ttl <= 0
}

/** The public key by which an SSH engine signs, as a line. */
export async function sshCaKey(vault: Vault, mount: string): Promise<string> {
  const answer = z.object({ data: z.object({ public_key: z.string().max(sshLineCharsMax) }) })
  return (await ask(vault, { method: 'GET', path: `${mount}/config/ca`, answer })).data.public_key.trim()
}

/** What an SSH engine is asked to sign, by the names that it has for it. */
export interface SshSigning {
  readonly mount: string
  readonly role: string
  readonly body: {
    readonly public_key: string
    readonly cert_type: 'user'
    readonly valid_principals: string
    readonly ttl: string
    readonly key_id: string
    readonly critical_options: Readonly<Record<string, string>>
    readonly extensions: Readonly<Record<string, string>>
  }
}

/** Has an SSH engine sign a key. What it answers is a line that nobody has read yet. */
export async function signSshKey(vault: Vault, { mount, role, body }: SshSigning): Promise<string> {
  const answer = z.object({ data: z.object({ signed_key: z.string().max(sshLineCharsMax) }) })
  return (await ask(vault, { method: 'POST', path: `${mount}/sign/${role}`, body, answer })).data.signed_key.trim()
}

/** A certificate of the longest key and all its principals is shorter. */
const sshLineCharsMax = 32_768
