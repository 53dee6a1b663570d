import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayFacts } from '@gatehouse/testkit'
import { expect } from 'vitest'

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; null when it is not JSON. */
  readonly body: unknown
  /** The refusal's code, whichever transport told it. */
  readonly code: string | null
  readonly refusal: Readonly<Record<string, unknown>> | null
  /** What was answered, unwrapped. */
  readonly data: Readonly<Record<string, unknown>>
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
const dig = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, key) => asRecord(at)[key], value)

async function answered(
  response: Response,
  unwrap: (body: unknown) => { refusal: unknown; data: unknown },
): Promise<Answer> {
  const text = await response.text()
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // not JSON: the caller looks at the status
  }
  const { refusal, data } = unwrap(body)
  const refused = refusal === undefined || refusal === null ? null : asRecord(refusal)
  return {
    status: response.status,
    headers: response.headers,
    body,
    refusal: refused,
    code: typeof refused?.['code'] === 'string' ? refused['code'] : null,
    data: asRecord(data),
  }
}

/** A caller of the running system who knows nothing of our modules: HTTP and JSON only. */
export function outside(base: string, token: string | null = null) {
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const unwrapTrpc = (body: unknown) => ({
    refusal: dig(body, 'error', 'data', 'refusal'),
    data: dig(body, 'result', 'data'),
  })
  return {
    token,
    mutate: async (name: string, input: unknown = {}, extra: Record<string, string> = {}): Promise<Answer> =>
      answered(
        await fetch(`${base}/trpc/${name}`, {
          method: 'POST',
          headers: { ...headers, ...extra },
          body: JSON.stringify(input),
        }),
        unwrapTrpc,
      ),
    query: async (name: string, input: unknown = {}): Promise<Answer> =>
      answered(
        await fetch(`${base}/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers }),
        unwrapTrpc,
      ),
    graphql: async (
      query: string,
      variables: Record<string, unknown> = {},
      extra: Record<string, string> = {},
    ): Promise<Answer> =>
      answered(
        await fetch(`${base}/graphql`, {
          method: 'POST',
          headers: { ...headers, ...extra },
          body: JSON.stringify({ query, variables }),
        }),
        (body) => ({ refusal: dig(body, 'errors', 0, 'extensions'), data: dig(body, 'data') }),
      ),
    as: (other: string) => outside(base, other),
  }
}

export type Outside = ReturnType<typeof outside>

/** The code that an authenticator would show now, by somebody else's implementation. */
export const totp = (secret: string, at?: Date): string =>
  execFileSync(
    'oathtool',
    [
      '--totp',
      '-b',
      ...(at === undefined ? [] : ['--now', at.toISOString().replace('T', ' ').replace(/\..*/, ' UTC')]),
      secret,
    ],
    { encoding: 'utf8' },
  ).trim()

const stepSeconds = 30
/** Of each file, which has a database of its own: the people in it have the same secrets as in all others. */
const spent = new Map<string, number>()

/** How soon a code is used, by a person or a command that has to start first, and by a request. */
const usedWithin = { somebody: 15, aRequest: 5 } as const

/**
 * A code that has not been used yet in this run: waits for the next step when those of now are spent. It is good for as
 * many seconds as it says in whose hands it is, on a busy machine, too.
 */
export async function freshTotp(secret: string, inHandsOf: keyof typeof usedWithin = 'somebody'): Promise<string> {
  const key = `${expect.getState().testPath} ${secret}`
  for (;;) {
    const seconds = Date.now() / 1000
    const step = Math.floor(seconds / stepSeconds)
    // one step before and one ahead are accepted as well, so three codes can be had at once
    const first = stepSeconds - (seconds % stepSeconds) > usedWithin[inHandsOf] ? step - 1 : step
    const next = Math.max(first, (spent.get(key) ?? 0) + 1)
    if (next <= step + 1) {
      spent.set(key, next)
      return totp(secret, new Date(next * stepSeconds * 1000))
    }
    await sleep(500)
  }
}

export type SeedPrincipal = GatewayFacts['principals'][number]

/** The nth seed principal of a role. */
export function principalOf(dev: GatewayFacts, role: string, nth = 0): SeedPrincipal {
  const found = dev.principals.filter((principal) => principal.role === role)[nth]
  if (found === undefined) throw new TypeError(`there is no seed principal ${role} ${nth}`)
  return found
}

/** Where the system answers, without a trailing slash. */
export const baseOf = (dev: GatewayFacts): string => dev.urls.web.replace(/\/$/, '')

const triesMax = 5

/** Asks again, as clients do, what a machine that hashes too many passwords at once has refused for now. */
export async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask()
    if (answer.code !== 'unavailable' || tries === triesMax) return answer
    await sleep(1000)
  }
}

/** Logs in with password and TOTP, as a person would. */
export async function logIn(
  base: string,
  principal: SeedPrincipal,
): Promise<Outside & { readonly refreshToken: string }> {
  const anonymous = outside(base)
  const { username, password } = principal
  const first = await patiently(() => anonymous.mutate('auth.login', { username, password }))
  const challengeId = dig(first.data, 'challenge', 'id')
  const second = await anonymous.mutate('auth.completeMfa', {
    challengeId,
    totp: await freshTotp(principal.totpSecret, 'aRequest'),
  })
  const access = dig(second.data, 'tokens', 'accessToken')
  const refreshToken = dig(second.data, 'tokens', 'refreshToken')
  if (typeof access !== 'string' || typeof refreshToken !== 'string')
    throw new TypeError(`log-in of ${principal.username} failed: ${JSON.stringify([first.body, second.body])}`)
  return { ...outside(base, access), refreshToken }
}

/** Waits for a gateway that was just started. */
export async function untilReady(base: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const ready = await fetch(`${base}/readyz`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
  throw new TypeError(`no gateway at ${base}`)
}
