import { setTimeout as sleep } from 'node:timers/promises'
import type { startHome } from '@gatehouse/testkit'
import { generateSync } from 'otplib'

type Home = Awaited<ReturnType<typeof startHome>>
type Dev = ReturnType<Home['dev']>

/** Where a home's gateway answers, without a trailing slash. */
export const baseOf = (dev: Dev): string => dev.urls.web.replace(/\/$/, '')

/** Codes tried: the second one when the first step's code was spent by the run before. */
const triesMax = 3
const stepMilliseconds = 30_000

/** An access token of a seeded person with this role, by password and code. */
export async function accessTokenOf(dev: Dev, role: string): Promise<string> {
  const person = dev.principals.find((one) => one.role === role)
  if (person === undefined) throw new TypeError(`there is no seeded ${role}`)
  for (let attempt = 1; ; attempt += 1) {
    const { username, password } = person
    const first = await post(dev, 'auth.login', { username, password })
    const challengeId = first.result?.data.challenge?.id
    const second = await post(dev, 'auth.completeMfa', {
      challengeId,
      totp: generateSync({ secret: person.totpSecret }),
    })
    const token = second.result?.data.tokens?.accessToken
    if (token !== undefined) return token
    if (attempt === triesMax) throw new TypeError(`log-in of ${username} failed: ${JSON.stringify([first, second])}`)
    await sleep(stepMilliseconds - (Date.now() % stepMilliseconds))
  }
}

interface Answer {
  readonly result?: {
    readonly data: { readonly challenge?: { readonly id: string } | null; readonly tokens?: Tokens | null }
  }
}
interface Tokens {
  readonly accessToken: string
}

async function post(dev: Dev, operation: string, input: unknown): Promise<Answer> {
  const response = await fetch(`${baseOf(dev)}/trpc/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  return (await response.json()) as Answer // our own server's, whose shape the contract says
}
