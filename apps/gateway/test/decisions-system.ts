import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withSeeding } from '@gatehouse/compose'
import { loadConfig } from '@gatehouse/config'
import { operations, type OperationName } from '@gatehouse/contract'
import { seedPrincipals, type SeedPrincipal } from '@gatehouse/identity'
import { createDatabase } from '@gatehouse/testkit'
import { generateSync } from 'otplib'
import pg from 'pg'
import { pino } from 'pino'
import { composeGateway, type Gateway } from '../src/compose.ts'
import { policiesWithOtherSystems } from './decisions-fixture.ts'

export const root = resolve(import.meta.dirname, '../../..')

/** The real application, with people and programs who ask it for decisions. */
export interface DecisionSystem extends Asking {
  readonly admin: pg.Client
  /** What the log had to say. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

/** How it is asked, by the names of those whose tokens there are. */
export interface Asking {
  readonly tokens: Map<string, string>
  ask(path: string, asked: Asked, as?: string): Promise<Answer>
  post(path: string, value: unknown, as?: string, headers?: Asked['headers']): Promise<Answer>
  /** What an operation answers over tRPC; a refusal is thrown by its code. */
  call(name: OperationName, input: unknown, as?: string): Promise<unknown>
  /** Takes somebody of the seeds through both factors; answers their token. */
  logIn(username: string): Promise<string>
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Who works with to-dos and records, by the ids that the examples have. */
export const others = {
  CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Operator', mail: 'rick@the-citadel.com' },
  CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Developer', mail: 'morty@the-citadel.com' },
  CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Developer', mail: 'summer@the-smiths.com' },
  CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Viewer', mail: 'beth@the-smiths.com' },
  CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs: { role: 'Viewer', mail: 'jerry@the-smiths.com' },
  alice: { role: 'Developer', mail: 'alice@example.com' },
  bob: { role: 'Operator', mail: 'bob@example.com' },
} as const

/** Opens it with the policies of other systems, a database and a home of its own. */
export async function openDecisions(): Promise<DecisionSystem> {
  const [database, home, fixture] = await Promise.all([
    createDatabase(),
    mkdtemp(join(tmpdir(), 'gh-decisions-')),
    policiesWithOtherSystems(),
  ])
  const settings = join(home, 'security.toml')
  await writeFile(
    settings,
    `[rate_limit]\nper_minute = 10000\n[password]\nmemory_kib = 19456\npasses = 2\n[mfa]\nrequired_roles = []\n` +
      `[cedar]\npolicies_path = "${fixture.path}"\nhot_reload = false\n`,
  )
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: settings }
  const config = loadConfig(env, root)
  const seeds = await withSeeding(config, seedPrincipals)
  const faults: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  const gateway = await composeGateway(config, log, () => undefined)
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  const asking = askingOf(gateway, seeds)
  const { tokens, logIn } = asking
  for (const name of ['ada-admin', 'dora-developer', 'olga-operator']) tokens.set(name, await logIn(name))
  await makePeople(asking, { admin, fixture })
  await makePrograms(asking)
  return {
    ...asking,
    admin,
    faults,
    close: async () => {
      await gateway.close()
      await admin.end()
      await database.drop()
      await fixture.remove()
      await rm(home, { recursive: true, force: true })
    },
  }
}

type Fixture = Awaited<ReturnType<typeof policiesWithOtherSystems>>

/** People of the examples, past their first steps, and the policies that name them. */
async function makePeople(
  { call }: Asking,
  { admin, fixture }: Pick<DecisionSystem, 'admin'> & { readonly fixture: Fixture },
): Promise<void> {
  const owners: Record<string, string> = {}
  for (const [username, { role, mail }] of Object.entries(others)) {
    const { id } = (await call('user.create', { username, role }, 'ada-admin')) as { id: string }
    if (role === 'Developer') owners[mail] = id
  }
  await admin.query('update users set must_change_password = false')
  await fixture.write(owners)
  await call('policy.reload', {}, 'ada-admin')
}

/** A time zone in which it is about noon: at night a shell in production is for whoever is on call. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours()
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}` // POSIX: west is plus
}

/** A program of the developers' team with a bound token and one without; a workspace of theirs and one of sre's. */
async function makePrograms({ call, tokens }: Asking): Promise<void> {
  await call('serviceAccount.create', { name: 'platform', teams: ['developers'] }, 'ada-admin')
  for (const [name, sourceAddresses] of [
    ['bound', ['127.0.0.1/32']],
    ['loose', []],
  ] as const) {
    const input = { name, purpose: 'asks', scopes: ['policy.*'], sourceAddresses, serviceAccount: 'platform' }
    const made = (await call('apiToken.create', input, 'ada-admin')) as { token: string }
    tokens.set(name, made.token)
  }
  await call('workspace.create', { name: 'shop', environment: 'production', teams: ['developers'] }, 'ada-admin')
  await call('calendar.set', { id: 'shop', timeZone: zoneAtNoon() }, 'ada-admin')
  await call('workspace.create', { name: 'vault', environment: 'development', teams: ['sre'] }, 'ada-admin')
}

/** What is said of what is sent. */
export const json = { 'content-type': 'application/json' }

function askingOf(gateway: Gateway, seeds: readonly SeedPrincipal[]): Asking {
  const tokens = new Map<string, string>()
  const ask: Asking['ask'] = async (path, { method = 'GET', headers = {}, body }, as) => {
    const token = as === undefined ? undefined : tokens.get(as)
    const init = {
      method,
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body }),
    }
    const socket = { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' }
    const response = await gateway.app.request(`http://localhost${path}`, init, { incoming: { socket } })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const post: Asking['post'] = (path, value, as, headers = {}) =>
    ask(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(value) }, as)
  const call: Asking['call'] = async (name, input, as) => {
    const answer =
      operations[name].kind === 'mutation'
        ? await post(`/trpc/${name}`, input, as)
        : await ask(`/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, {}, as)
    const { result, error } = JSON.parse(answer.text) as {
      result?: { data: unknown }
      error?: { data: { refusal: { code: string } } }
    }
    if (error !== undefined) throw new Error(error.data.refusal.code + JSON.stringify(error.data.refusal))
    return result?.data
  }
  const logIn = async (username: string): Promise<string> => {
    const person = seeds.find((one) => one.username === username)
    if (person === undefined) throw new TypeError(username)
    const first = (await call('auth.login', { username, password: person.password.expose() })) as {
      challenge: { id: string }
    }
    const totp = generateSync({ secret: person.totpSecret.expose() })
    const second = (await call('auth.completeMfa', { challengeId: first.challenge.id, totp })) as {
      tokens: { accessToken: string }
    }
    return second.tokens.accessToken
  }
  return { tokens, ask, post, call, logIn }
}
