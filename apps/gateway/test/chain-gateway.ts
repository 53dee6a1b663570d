// One gateway as it runs, its database and people who are logged in, for tests of what every request goes through.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withSeeding } from '@gatehouse/compose'
import { loadConfig } from '@gatehouse/config'
import { graphqlFieldOf, operations, type OperationName } from '@gatehouse/contract'
import { seedPrincipals, type SeedPrincipal } from '@gatehouse/identity'
import { createDatabase } from '@gatehouse/testkit'
import { generateSync } from 'otplib'
import pg from 'pg'
import { pino } from 'pino'
import { composeGateway, type Gateway } from '../src/compose.ts'
import { buildSchema } from '../src/transports/graphql-schema.ts'
import { startOtlpReceiver } from './otlp-receiver.ts'

const root = resolve(import.meta.dirname, '../../..')
/** Calls a minute from one address without a session, of others than this machine. */
export const perMinute = 10

/** A request, and who asks from where. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ReadableStream<Uint8Array>
  readonly from?: string
  /** A person who is logged in. */
  readonly as?: string
  /** What a document over GraphQL asks of its answer; absent: that there is one. */
  readonly fields?: string
}

/** An answer, read to its end. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** A call of an operation over one transport. */
export type Over = (name: OperationName, input: unknown, asked?: Asked) => Promise<Answered>

/** How a gateway is asked. */
export interface Transports {
  readonly ask: (path: string, asked?: Asked) => Promise<Answered>
  readonly post: (path: string, value: unknown, asked?: Asked) => Promise<Answered>
  readonly trpc: Over
  /** The same over GraphQL: every operation with input takes it whole as a variable. */
  readonly graphql: Over
}

/** A gateway that runs, and what it left behind. */
export interface Chain extends Transports {
  readonly gateway: Gateway
  /** One more gateway on the same database. */
  readonly openAnother: () => Promise<Transports>
  readonly collector: Awaited<ReturnType<typeof startOtlpReceiver>>
  /** Sees and changes every row. */
  readonly admin: pg.Client
  /** Access tokens of the people who are logged in. */
  readonly tokens: ReadonlyMap<string, string>
  /** Lines of the log that tell a fault. */
  readonly faults: readonly string[]
  readonly stop: () => Promise<void>
}

/** What differs between chains. */
export interface ChainOptions {
  /** More lines of its settings. */
  readonly settings?: string
  /** Traces that its collector gets and keeps; absent: as many as a test makes. */
  readonly tracesPerSecond?: number
  /** Who is logged in; absent: somebody of each role. */
  readonly people?: readonly string[]
}

const oneOfEachRole = ['ada-admin', 'vera-viewer', 'dora-developer', 'oscar-operator', 'agnes-auditor']

/** Starts it, and logs people in. */
export async function startChain({
  settings: more = '',
  tracesPerSecond = 300,
  people: who = oneOfEachRole,
}: ChainOptions = {}): Promise<Chain> {
  const [database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-chain-'))])
  const collector = await startOtlpReceiver()
  const settings = join(home, 'security.toml')
  await writeFile(
    settings,
    `[rate_limit]\nper_minute = ${perMinute}\n[password]\nmemory_kib = 19456\npasses = 2\n` +
      `[telemetry]\nendpoint = "${collector.url}"\ntraces_per_second = ${tracesPerSecond}\n${more}`,
  )
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: settings }
  const config = loadConfig(env, root)
  const people = await withSeeding(config, seedPrincipals)
  const faults: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  const gateway = await composeGateway(config, log, () => undefined)
  const others: Gateway[] = []
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  const tokens = new Map<string, string>()
  const transports = transportsOf(gateway, tokens)
  for (const username of who) tokens.set(username, await logIn(transports, people, username))
  return {
    ...transports,
    gateway,
    openAnother: async () => {
      const another = await composeGateway(config, log, () => undefined)
      others.push(another)
      return transportsOf(another, tokens)
    },
    collector,
    admin,
    tokens,
    faults,
    stop: async () => {
      await Promise.all([gateway, ...others].map((one) => one.close()))
      collector.close()
      await admin.end()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const json = { 'content-type': 'application/json' }

function transportsOf(gateway: Gateway, tokens: ReadonlyMap<string, string>): Transports {
  const ask: Transports['ask'] = async (path, { method = 'GET', headers = {}, body, from = '127.0.0.1', as } = {}) => {
    const init = {
      method,
      headers: { ...headers, ...(as === undefined ? {} : { authorization: `Bearer ${tokens.get(as)}` }) },
      ...(body === undefined ? {} : { body, duplex: 'half' as const }),
    }
    const socket = { remoteAddress: from, remotePort: 1, remoteFamily: from.includes(':') ? 'IPv6' : 'IPv4' }
    const response = await gateway.app.request(`http://localhost${path}`, init, { incoming: { socket } })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const post: Transports['post'] = (path, value, asked = {}) =>
    ask(path, { ...asked, method: 'POST', headers: { ...json, ...asked.headers }, body: JSON.stringify(value) })
  return {
    ask,
    post,
    trpc: (name, input, asked = {}) =>
      operations[name].kind === 'mutation'
        ? post(`/trpc/${name}`, input, asked)
        : ask(`/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, asked),
    graphql: (name, input, asked = {}) => post('/graphql', documentOf(name, input, asked.fields), asked),
  }
}

const schema = buildSchema()

function documentOf(name: OperationName, input: unknown, fields = '__typename'): object {
  const { kind } = operations[name]
  const type = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType()
  const field = type?.getFields()[graphqlFieldOf(name)]
  const argument = field?.args.find((one) => one.name === 'input')
  const [declared, passed] =
    argument === undefined ? ['', ''] : [`($input: ${String(argument.type)})`, '(input: $input)']
  const query = `${kind}${declared} { answer: ${graphqlFieldOf(name)}${passed} { ${fields} } }`
  return { query, variables: argument === undefined ? {} : { input } }
}

async function logIn({ trpc }: Transports, people: readonly SeedPrincipal[], username: string): Promise<string> {
  const person = people.find((one) => one.username === username)
  if (person === undefined) throw new TypeError(username)
  const first = dataOf(await trpc('auth.login', { username, password: person.password.expose() }))
  const { id: challengeId } = first['challenge'] as { id: string }
  const totp = generateSync({ secret: person.totpSecret.expose() })
  const second = dataOf(await trpc('auth.completeMfa', { challengeId, totp }))
  return (second['tokens'] as { accessToken: string }).accessToken
}

/** The code of a refusal on either transport; `ok` for an answer. */
export function codeOf({ text }: { readonly text: string }): string {
  const [body = {}] = [JSON.parse(text)].flat() as {
    errors?: { extensions?: { code: string } }[]
    error?: { code?: string; data?: { refusal: { code: string } } }
  }[]
  if (body.errors !== undefined) return body.errors[0]?.extensions?.code ?? 'graphql'
  return body.error === undefined ? 'ok' : (body.error.data?.refusal.code ?? body.error.code ?? 'unknown')
}

/** What an answer of tRPC holds. */
export const dataOf = ({ text }: Pick<Answered, 'text'>): Record<string, unknown> =>
  (JSON.parse(text) as { result: { data: Record<string, unknown> } }).result.data
