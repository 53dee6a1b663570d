// Threats C1, C2, C4, C5, C8, C10, C12, C14, C15, C16 and C18, through the real application, on both transports.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withSeeding } from '@gatehouse/compose'
import { loadConfig } from '@gatehouse/config'
import { graphqlFieldOf, operations, publicOperationNames, type OperationName, type Wire } from '@gatehouse/contract'
import { seedPrincipals, type SeedPrincipal } from '@gatehouse/identity'
import { createDatabase, plainDecider, sampleOf, volume, type TestDatabase } from '@gatehouse/testkit'
import { isObjectType } from 'graphql'
import { generateSync } from 'otplib'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { composeGateway, type Gateway } from '../src/compose.ts'
import { enumNameOf } from '../src/transports/graphql-names.ts'
import { buildSchema } from '../src/transports/graphql-schema.ts'
import { attributeOf, startOtlpReceiver } from './otlp-receiver.ts'

const root = resolve(import.meta.dirname, '../../..')
const perMinute = 10

let database: TestDatabase
let gateway: Gateway
let home: string
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
let admin: pg.Client
let people: readonly SeedPrincipal[]
const faults: string[] = []
const tokens = new Map<string, string>()

beforeAll(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-chain-'))])
  collector = await startOtlpReceiver()
  const settings = join(home, 'security.toml')
  await writeFile(
    settings,
    `[rate_limit]\nper_minute = ${perMinute}\n[password]\nmemory_kib = 19456\npasses = 2\n` +
      `[telemetry]\nendpoint = "${collector.url}"\ntraces_per_second = 300\n`,
  )
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: settings }
  const config = loadConfig(env, root)
  people = await withSeeding(config, seedPrincipals)
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })
  gateway = await composeGateway(config, log, () => undefined)
  admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  for (const username of ['ada-admin', 'vera-viewer', 'dora-developer']) tokens.set(username, await logIn(username))
})
afterAll(async () => {
  await gateway.close()
  collector.close()
  await admin.end()
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ReadableStream<Uint8Array>
  readonly from?: string
  readonly as?: string
}

async function ask(path: string, { method = 'GET', headers = {}, body, from = '127.0.0.1', as }: Asked = {}) {
  const init = {
    method,
    headers: { ...headers, ...(as === undefined ? {} : { authorization: `Bearer ${tokens.get(as)}` }) },
    ...(body === undefined ? {} : { body, duplex: 'half' as const }),
  }
  const socket = { remoteAddress: from, remotePort: 1, remoteFamily: from.includes(':') ? 'IPv6' : 'IPv4' }
  const response = await gateway.app.request(`http://localhost${path}`, init, { incoming: { socket } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const json = { 'content-type': 'application/json' }
const post = (path: string, value: unknown, asked: Asked = {}) =>
  ask(path, { ...asked, method: 'POST', headers: { ...json, ...asked.headers }, body: JSON.stringify(value) })

const trpc = (name: OperationName, input: unknown, asked: Asked = {}) =>
  operations[name].kind === 'mutation'
    ? post(`/trpc/${name}`, input, asked)
    : ask(`/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, asked)

/** The same over GraphQL: every operation with input takes it whole as a variable. */
function graphql(name: OperationName, input: unknown, asked: Asked = {}) {
  const schema = buildSchema()
  const { kind } = operations[name]
  const type = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType()
  const field = type?.getFields()[graphqlFieldOf(name)]
  const argument = field?.args.find((one) => one.name === 'input')
  const [declared, passed] =
    argument === undefined ? ['', ''] : [`($input: ${String(argument.type)})`, '(input: $input)']
  const query = `${kind}${declared} { answer: ${graphqlFieldOf(name)}${passed} { __typename } }`
  return post('/graphql', { query, variables: argument === undefined ? {} : { input } }, asked)
}

/** The code of a refusal on either transport; `ok` for an answer. */
function codeOf({ text }: { readonly text: string }): string {
  const [body = {}] = [JSON.parse(text)].flat() as {
    errors?: { extensions?: { code: string } }[]
    error?: { code?: string; data?: { refusal: { code: string } } }
  }[]
  if (body.errors !== undefined) return body.errors[0]?.extensions?.code ?? 'graphql'
  return body.error === undefined ? 'ok' : (body.error.data?.refusal.code ?? body.error.code ?? 'unknown')
}

const dataOf = ({ text }: { readonly text: string }) =>
  (JSON.parse(text) as { result: { data: Record<string, unknown> } }).result.data

async function logIn(username: string): Promise<string> {
  const person = people.find((one) => one.username === username)
  if (person === undefined) throw new TypeError(username)
  const first = dataOf(await trpc('auth.login', { username, password: person.password.expose() }))
  const { id: challengeId } = first['challenge'] as { id: string }
  const totp = generateSync({ secret: person.totpSecret.expose() })
  const second = dataOf(await trpc('auth.completeMfa', { challengeId, totp }))
  return (second['tokens'] as { accessToken: string }).accessToken
}

/** Operations that may be asked again and again without ending what this file stands on. */
const lasting = publicOperationNames.filter(
  (name) => operations[name].kind !== 'subscription' && !/^(auth\.|password\.|session\.revoke)/.test(name),
)

/** Something for each field that must be there, of its type, that names nothing; as the transport spells it. */
const inputFor = (name: OperationName, over: typeof trpc = trpc): Record<string, unknown> =>
  sampleObject(operations[name].input, over === graphql ? enumNameOf : String)
const sampleObject = ({ shape }: z.ZodObject, spelled: (option: string) => string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(shape)
      .filter(([, type]) => type._zod.optin === undefined)
      .map(([field, type]) => [field, sample(type, spelled)]),
  )
function sample(type: z.core.$ZodType, spelled: (option: string) => string): unknown {
  if (type instanceof z.ZodObject) return sampleObject(type, spelled)
  if (type instanceof z.ZodArray) return [sample(type.element, spelled)]
  if (type instanceof z.ZodEnum) return spelled(String(type.options[0]))
  if (type instanceof z.ZodRecord) return {}
  return type instanceof z.ZodNumber ? 1 : 'a'
}

describe('C1: a way past the check', () => {
  test('no field but a root field does anything: all else is what its parent has answered', () => {
    const schema = buildSchema()
    const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    const fields = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => !roots.has(type) && !type.name.startsWith('__'))
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ at: `${type.name}.${field.name}`, field })))
    expect(fields.length).toBeGreaterThan(200)
    expect(fields.filter(({ field }) => field.args.length > 0).map(({ at }) => at)).toEqual([])
  })

  // by the declarations: whoever adds an operation, and with it a field and a procedure, has them here
  const inert = lasting.filter((name) => operations[name].kind === 'query' || !('id' in inputFor(name)))
  test('every field decides as its procedure does, alone and in a batch, for every kind of caller', async () => {
    expect(inert.length).toBeGreaterThan(80)
    for (const name of sampleOf(inert, 8)) {
      // whom everything is denied may ask for everything; an administrator reads
      const callers = operations[name].kind === 'query' ? ['ada-admin', 'vera-viewer'] : ['vera-viewer']
      for (const as of [...callers, undefined]) {
        const asked = as === undefined ? {} : { as }
        const input = inputFor(name)
        const alone = codeOf(await trpc(name, input, asked))
        const [path, body] = [`/trpc/${name}?batch=1`, { 0: input }]
        const batch = await (operations[name].kind === 'mutation'
          ? post(path, body, asked)
          : ask(`${path}&input=${encodeURIComponent(JSON.stringify(body))}`, asked))
        expect([name, as, codeOf(batch)]).toEqual([name, as, alone])
        // to a stranger GraphQL says the same of every field, open ones aside
        if (as === undefined) continue
        const field = await graphql(name, inputFor(name, graphql), asked)
        expect([name, as, codeOf(field)]).toEqual([name, as, alone])
      }
    }
  })
})

describe('C2: another’s thing by its id', () => {
  const marker = '01980000-0000-7000-8000-00000000aaaa'
  const caller = { principalId: 'a', sessionId: 'a' }
  /** The field that says which thing is meant, by the declaration's own function; null: none does. */
  function idField(name: OperationName): string | null {
    const { id } = operations[name].authorize
    const fields = Object.keys(operations[name].input.shape)
    return fields.find((field) => id?.({ [field]: marker } as never, caller) === marker) ?? null
  }
  /** Environments are three, and everybody knows their names; `System` is one. */
  const known: readonly string[] = ['System', 'Environment']
  const asked = lasting.filter((name) => !known.includes(operations[name].authorize.resource) && idField(name) !== null)

  /** Ids that are there, and that a developer of another team has nothing to do with. */
  async function foreignIds(): Promise<Readonly<Record<string, string>>> {
    const idOf = async (text: string): Promise<string> => String((await admin.query<{ id: string }>(text)).rows[0]?.id)
    const made = async (name: OperationName, input: object): Promise<string> =>
      String(dataOf(await trpc(name, input, { as: 'ada-admin' }))['id'])
    const adas = (table: string) =>
      idOf(`select t.id from ${table} t join users u on u.id = t.user_id where u.username = 'ada-admin' limit 1`)
    const leaseOf = (backend: string) =>
      idOf(`insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name,
        state, issued_at, expires_at) select gen_random_uuid(), '${backend}', 'root', 'foreign', 'test', 'User',
        id::text, username, 'expired', now(), now() from users where username = 'ada-admin' returning id`)
    await admin.query("insert into workspace (id, name) values ('foreign', 'foreign')")
    const host = await idOf(`insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals,
      source_addresses, host_key) values (gen_random_uuid(), 'foreign-host', 'foreign', '192.0.2.9', 22, 'root', 'ca',
      '{root}', '{192.0.2.1/32}', 'ssh-ed25519 AAAA') returning id`)
    const [key, certificate] = [await leaseOf('ssh-key'), await leaseOf('ssh-certificate')]
    return {
      Workspace: 'foreign',
      Team: await made('team.create', { name: 'foreign-team' }),
      Lease: await leaseOf('ssh-key'),
      User: await idOf("select id from users where username = 'ada-admin'"),
      Session: await adas('session'),
      Authenticator: await adas('authenticator'),
      ServiceAccount: await made('serviceAccount.create', { name: 'foreign-program' }),
      ApiToken: await made('apiToken.create', { name: 'foreign', purpose: 'a test', scopes: ['read'] }),
      Approval: await made('approval.request', { action: 'mfa.reset', resource: 'oscar-operator', reason: 'a test' }),
      SshHost: host,
      SshKey: await idOf(`insert into ssh_key (id, lease_id, host_id, workspace_id, user_name, public_key, fingerprint,
        source_addresses, state, expires_at) values (gen_random_uuid(), '${key}', '${host}', 'foreign', 'root', 'k',
        'f', '{}', 'expired', now()) returning id`),
      SshCertificate: await idOf(`insert into ssh_certificate (id, lease_id, host_id, workspace_id, serial, key_id,
        ssh_principals, source_addresses, public_key, fingerprint, certificate, valid_after, valid_before, state)
        values (gen_random_uuid(), '${certificate}', '${host}', 'foreign', 77, 'k', '{root}', '{}', 'k', 'f', 'c',
        now(), now(), 'expired') returning id`),
      AuditEntry: await idOf(
        `select e.id from audit_entry e join users u on u.id::text = e.principal_id
          where u.username = 'ada-admin' limit 1`,
      ),
    }
  }

  test('is answered as what is not there, by every operation, on both transports, and nothing changes', async () => {
    const ids = await foreignIds()
    const types = new Set<string>(asked.map((name) => operations[name].authorize.resource))
    // a new type of thing, or one that could not be made, has to be put above
    expect([...types].filter((type) => (ids[type] ?? 'undefined') === 'undefined')).toEqual([])
    expect(asked.length).toBeGreaterThan(40)
    const before = await rowsOf(['users', 'session', 'authenticator', 'lease', 'workspace', 'team', 'ssh_host'])
    for (const name of asked) {
      for (const over of [trpc, graphql]) {
        const of = (id: string | undefined) =>
          over(name, { ...inputFor(name, over), [idField(name) ?? '']: id }, { as: 'dora-developer' })
        const { resource } = operations[name].authorize
        const [theirs, none] = [await of(ids[resource]), await of(marker)]
        expect([name, codeOf(theirs)]).toEqual([name, codeOf(none)])
        expect(theirs.status, name).toBe(none.status)
        expect(codeOf(theirs), name).not.toBe('ok')
      }
    }
    expect(await rowsOf(['users', 'session', 'authenticator', 'lease', 'workspace', 'team', 'ssh_host'])).toEqual(
      before,
    )
  })
})

/** What stands in tables, times of last use left out. */
async function rowsOf(tables: readonly string[]): Promise<readonly string[]> {
  const hashes: string[] = []
  for (const table of tables) {
    const { rows } = await admin.query<{ hash: string }>(
      `select md5(coalesce(string_agg((to_jsonb(t) - 'last_used_at')::text, ',' order by t::text), '')) as hash
        from ${table} t`,
    )
    hashes.push(`${table} ${rows[0]?.hash}`)
  }
  return hashes
}

describe('C4: what is decided outside and done inside', () => {
  test('each call of a batch is decided by itself, whatever stands beside it', async () => {
    const names = ['auth.whoami', 'user.list', 'auth.whoami', 'policy.list'] as const
    const alone = await Promise.all(names.map(async (name) => codeOf(await trpc(name, {}, { as: 'vera-viewer' }))))
    const input = encodeURIComponent('{"0":{},"1":{},"2":{},"3":{}}')
    const batch = await ask(`/trpc/${names.join(',')}?batch=1&input=${input}`, { as: 'vera-viewer' })
    const parts = JSON.parse(batch.text) as unknown[]
    expect(parts.map((part) => codeOf({ text: JSON.stringify(part) }))).toEqual(alone)
    expect(new Set(alone).size).toBeGreaterThan(1)
  })

  test('each root field of a document is decided by itself', async () => {
    const query =
      '{ a: authWhoami { username } b: userList { edges { node { username } } } c: authWhoami { username } }'
    const { text } = await post('/graphql', { query }, { as: 'vera-viewer' })
    const { data, errors } = JSON.parse(text) as { data: Record<string, object | null> | null; errors: object[] }
    expect(errors).toHaveLength(1)
    expect(data?.['b'] ?? null).toBeNull()
  })
})

describe('C5: an unknown route or kind', () => {
  test('a stranger gets public documents, the page, and the operations that are for strangers', async () => {
    const paths = [...new Set(gateway.app.routes.map(({ path }) => path))].filter((path) => !path.includes('*'))
    expect(paths.length).toBeGreaterThan(8)
    const open = await Promise.all(paths.map(async (path) => [path, (await ask(path, { from: '192.0.2.50' })).status]))
    const answered = open.filter(([, status]) => status === 200).map(([path]) => path)
    expect(answered.toSorted()).toMatchInlineSnapshot(`
      [
        "/.well-known/authzen-configuration",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/checkpoint",
        "/checkpoint.cosigned",
        "/checkpoint.pub",
        "/explorer",
        "/explorer/explorer.js",
        "/healthz",
        "/readyz",
        "/reference",
        "/reference/pages.css",
        "/reference/reference.js",
        "/ssh/ca.pub",
        "/ssh/krl",
        "/ssh/management.pub",
      ]
    `)
    for (const name of publicOperationNames) {
      if (operations[name].authorize.principals.includes('Anonymous') || operations[name].kind === 'subscription')
        continue
      expect([name, codeOf(await trpc(name, inputFor(name)))]).toEqual([name, 'unauthenticated'])
    }
  })

  test.each(['lease.expire', 'sshKey.sweep', '__proto__', 'constructor', 'auth', 'auth.whoami.x', ''])(
    'there is no operation %j, for an administrator either',
    async (name) => {
      expect(codeOf(await ask(`/trpc/${name}`, { as: 'ada-admin' }))).toBe('not-found')
      expect(codeOf(await post(`/trpc/${name}`, {}, { as: 'ada-admin' }))).toBe('not-found')
    },
  )

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s does nothing anywhere', async (method) => {
    for (const path of ['/graphql', '/trpc/auth.whoami', '/trpc/user.list', '/ssh/ca.pub', '/oauth/token'])
      expect((await ask(path, { method, as: 'ada-admin' })).status, path).toBeGreaterThanOrEqual(400)
  })
})

describe('C8: spellings of a path', () => {
  const pieces = ['/', '//', '/./', '/../', '%2f', '%2e', '%2E%2e/', ';', '%00', '\\', '%5c', '.', '..', ' ', '%20']
  test('no other spelling of a path reaches an operation that the path itself is refused', async () => {
    expect(codeOf(await trpc('user.list', {}, { as: 'vera-viewer' }))).toBe('forbidden')
    const spellings = Array.from({ length: volume({ full: 5000, sample: 400 }) }, (_, seed) => {
      const [a, b] = [pieces[seed % pieces.length] ?? '', pieces[(seed * 7 + 3) % pieces.length] ?? '']
      const base = ['/trpc/user.list', '/TRPC/user.list', '/trpc/User.List', '/trpc/user%2elist'][seed % 4] ?? ''
      const at = (seed * 13) % base.length
      return `/${base.slice(1, at)}${a}${base.slice(Math.max(1, at))}${seed % 3 === 0 ? b : ''}`
    })
    for (const path of spellings) {
      const { status, text } = await ask(path, { as: 'vera-viewer' })
      expect(text, path).not.toContain('ada-admin')
      expect(status, path).toBeLessThan(500)
    }
  })
})

describe('C10: fields that nobody declared', () => {
  test('no column of any table is taken as an input of any mutation', async () => {
    const { rows } = await admin.query<{ name: string }>(
      "select distinct column_name as name from information_schema.columns where table_schema = 'public'",
    )
    const columns = rows.flatMap(({ name }) => [
      name,
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ])
    expect(columns.length).toBeGreaterThan(150)
    const mutations = lasting.filter((name) => operations[name].kind === 'mutation')
    const before = await rowsOf(['users', 'session', 'authenticator', 'user_role', 'api_token', 'workspace'])
    for (const name of mutations) {
      const extra = columns.filter((column) => !(column in operations[name].input.shape))
      const input = { ...Object.fromEntries(extra.map((column) => [column, 'a'])), ...inputFor(name) }
      const { text } = await trpc(name, input, { as: 'ada-admin' })
      expect([name, codeOf({ text })]).toEqual([name, 'invalid-input'])
      // a field without an argument takes nothing at all
      if (Object.keys(operations[name].input.shape).length === 0) continue
      expect(codeOf(await graphql(name, input, { as: 'ada-admin' })), name).toBe('invalid-input')
    }
    expect(await rowsOf(['users', 'session', 'authenticator', 'user_role', 'api_token', 'workspace'])).toEqual(before)
  })
})

describe('C12: guesses by aliases and batches', () => {
  const tries = 1000
  const guesses = async (username: string) => {
    const { rows } = await admin.query<{ failures: number }>(
      `select coalesce(sum(failures), 0)::int as failures from guess_throttle
        where kind like 'password%' and key like $1`,
      [`%${username}%`],
    )
    return rows[0]?.failures ?? 0
  }
  const aliased = (username: string, count: number): string =>
    `mutation { ${Array.from(
      { length: count },
      (_, at) =>
        `a${at}: authLogin(input: { username: "${username}", password: "wrong-password-${at}" }) { __typename }`,
    ).join(' ')} }`
  const batched = (username: string, count: number) => ({
    path: `/trpc/${Array.from({ length: count }, () => 'auth.login').join(',')}?batch=1`,
    body: Object.fromEntries(
      Array.from({ length: count }, (_, at) => [at, { username, password: `wrong-password-${at}` }]),
    ),
  })

  test('a thousand of them in one document, array or batch are refused whole: none is evaluated', async () => {
    const { path, body } = batched('oscar-operator', tries)
    const answers = [
      await post('/graphql', { query: aliased('oscar-operator', tries) }),
      await post(
        '/graphql',
        Array.from({ length: tries }, () => ({ query: aliased('oscar-operator', 1) })),
      ),
      await post(path, body),
    ]
    for (const answer of answers) expect(codeOf(answer)).toBe('invalid-input')
    expect(await guesses('oscar-operator')).toBe(0)
  })

  test('as many as one document and one batch may hold are each counted, and five evaluated', async () => {
    const from = async (refusal: string) =>
      Number(
        (
          await admin.query<{ count: string }>(
            "select count(*) from audit_entry where action = 'auth.login' and entry::jsonb ->> 'refusal' = $1",
            [refusal],
          )
        ).rows[0]?.count,
      )
    /** Log-ins that the audit log was given, those that it counts together included. */
    const triedAt = async (): Promise<number> =>
      [...(await gateway.metrics()).matchAll(/^gatehouse_auth_attempts_total\{method="password",.*\} (\d+)$/gm)]
        .map(([, count]) => Number(count))
        .reduce((sum, count) => sum + count, 0)
    const before = { evaluated: await from('invalid-credentials'), tried: await triedAt() }
    const { text } = await post('/graphql', { query: aliased('olga-operator', 20) })
    const codes = (JSON.parse(text) as { errors: { extensions: { code: string } }[] }).errors.map(
      ({ extensions }) => extensions.code,
    )
    const { path, body } = batched('olga-operator', 20)
    const parts = JSON.parse((await post(path, body)).text) as { error: { data: { refusal: { code: string } } } }[]
    const all = [...codes, ...parts.map(({ error }) => error.data.refusal.code)]
    expect(all.filter((code) => code === 'invalid-credentials').length).toBeLessThanOrEqual(5)
    expect(new Set(all)).toEqual(new Set(['invalid-credentials', 'rate-limited']))
    expect(await guesses('olga-operator')).toBeLessThanOrEqual(5)
    // each that was evaluated stands in the audit log by itself, and each of the others was given to it to count
    const evaluated = all.filter((code) => code === 'invalid-credentials').length
    expect((await from('invalid-credentials')) - before.evaluated).toBe(evaluated)
    expect((await triedAt()) - before.tried).toBe(all.length)
  })
})

describe('C14: many addresses of one place', () => {
  test('65,536 addresses of one /64 and forged headers have one limit together', async () => {
    const count = volume({ full: 65_536, sample: 3000 })
    const admitted: number[] = []
    for (let at = 0; at < count; at += 1) {
      const address = `2001:db8:1:1::${(at >> 8).toString(16)}:${(at & 255).toString(16)}`
      const headers = {
        'x-forwarded-for': `198.51.100.${at % 250}`,
        forwarded: `for=198.51.100.${at % 250}`,
        'x-real-ip': `203.0.113.${at % 250}`,
      }
      const { status } = await ask('/trpc/system.version', { from: address, headers })
      if (status !== 429) admitted.push(at)
    }
    // an address may do ten times what a session may; a minute or two may have begun meanwhile
    expect(admitted.length).toBeLessThanOrEqual(perMinute * 30)
    expect(admitted.length).toBeGreaterThan(0)
    expect((await ask('/trpc/system.version', { from: '2001:db8:1:2::1' })).status).toBe(200)
  })

  test('no answer says a name that the request brought', async () => {
    const forged = 'evil.example'
    const headers = {
      host: forged,
      'x-forwarded-host': forged,
      forwarded: `host=${forged}`,
      origin: `https://${forged}`,
    }
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/jwks.json',
      '/graphql',
      '/nothing',
      '/',
    ])
      expect((await ask(path, { headers })).text).not.toContain(forged)
    // as a request to us says it: one to another host is refused, see below
    const { host: _, ...forwarded } = headers
    const started = await post('/trpc/auth.deviceStart', { client: 'gatehouse' }, { headers: forwarded })
    expect(codeOf(started)).toBe('ok')
    expect(started.text).not.toContain(forged)
    expect([...started.headers.values()].join()).not.toContain(forged)
  })
})

describe('C15: bodies that are too much', () => {
  const bytesMax = 256 * 1024
  const paths = ['/graphql', '/graphql/stream', '/trpc/auth.login']
  const dripping = (bytes: number): ReadableStream<Uint8Array> => {
    let left = bytes
    return new ReadableStream({
      pull: (controller) => {
        if (left <= 0) controller.close()
        else controller.enqueue(new TextEncoder().encode(' '.repeat(16_384)))
        left -= 16_384
      },
    })
  }

  test.each(paths)('at %s a body that is too long is refused, with a length and without one', async (path) => {
    const long = await ask(path, { method: 'POST', headers: json, body: ' '.repeat(bytesMax + 1) })
    const chunked = await ask(path, { method: 'POST', headers: json, body: dripping(bytesMax * 8) })
    for (const answer of [long, chunked]) expect([400, 413]).toContain(answer.status)
  })

  test.each(paths)('at %s what is deep, wide or of another prototype is a mistake, and costs little', async (path) => {
    const bodies = [
      '['.repeat(10_000) + ']'.repeat(10_000),
      '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000),
      `{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join(',')}}`,
      '{"__proto__":{"isAdmin":true},"username":"a","password":"b"}',
      '{"query":"{__typename}","variables":{"__proto__":{"isAdmin":true}}}',
      '{"constructor":{"prototype":{"isAdmin":true}},"query":"{__typename}"}',
    ]
    const memory = process.memoryUsage().rss
    for (const body of bodies) {
      const begun = performance.now()
      const { status } = await ask(path, { method: 'POST', headers: json, body })
      expect(status).toBeLessThan(500)
      expect(performance.now() - begun).toBeLessThan(2000)
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect(process.memoryUsage().rss - memory).toBeLessThan(200 * 1024 * 1024)
  })
})

describe('C16: answers in a cache, or in another’s hands', () => {
  test('nothing that is somebody’s, and no refusal, may be kept', async () => {
    const answers = [
      await trpc('auth.whoami', {}, { as: 'ada-admin' }),
      await trpc('auth.whoami', {}),
      await trpc('user.list', {}, { as: 'vera-viewer' }),
      await graphql('auth.whoami', {}, { as: 'ada-admin' }),
      await ask('/trpc/nothing.there', { as: 'ada-admin' }),
      await ask('/graphql'),
      await ask('/nothing', { method: 'POST' }),
      await ask('/graphql', { method: 'POST', headers: json, body: ' '.repeat(300_000) }),
      await ask('/metrics'),
    ]
    for (const { headers, text } of answers) expect(headers.get('cache-control'), text.slice(0, 80)).toBe('no-store')
  })

  test('callers at the same moment each get their own answer', async () => {
    const names = ['ada-admin', 'vera-viewer', 'dora-developer'] as const
    const asked = Array.from({ length: 120 }, (_, at) => names[at % 3] ?? 'ada-admin')
    const answers = await Promise.all(asked.map((as) => trpc('auth.whoami', {}, { as })))
    expect(answers.map((answer) => String(dataOf(answer)['username']))).toEqual(asked)
  })
})

describe('C18: SQL through what is asked', () => {
  const hostile = [
    "'",
    "'; drop table users; --",
    '" or 1=1 --',
    'name"; select pg_sleep(5); --',
    '\\',
    '%',
    '$1',
    "x' union select password_hash from users --",
    '(select 1)',
    'created_at desc nulls last',
  ]
  test('no filter, order or cursor of any list is more than a value', async () => {
    const lists = lasting.filter((name) => operations[name].list !== undefined)
    expect(lists.length).toBeGreaterThan(8)
    for (const name of lists) {
      const fields = Object.keys(operations[name].input.shape)
      for (const [at, field] of fields.entries()) {
        const values = volume({ full: hostile, sample: hostile.filter((_, index) => (index + at) % 5 === 0) })
        for (const value of values) {
          for (const over of [trpc, graphql]) {
            const begun = performance.now()
            const answer = await over(name, { ...inputFor(name), [field]: value }, { as: 'ada-admin' })
            expect(['ok', 'invalid-input', 'not-found'], `${name} ${field} ${value}`).toContain(codeOf(answer))
            expect(performance.now() - begun).toBeLessThan(4000)
          }
        }
      }
    }
    expect((await admin.query('select from users')).rowCount).toBeGreaterThan(6)
  })
})

// Acceptance 3: a corpus of decisions that this system made, for three roles and strangers, on both transports.
describe('recorded decisions', () => {
  test('are what plain isAuthorized says of the same request and the same policies: no difference', async () => {
    for (const name of sampleOf(lasting, 3)) {
      const { kind, input } = operations[name]
      // an administrator reads; whom it is denied may ask for what would change something
      const callers = kind === 'query' ? ['ada-admin', 'vera-viewer', 'dora-developer'] : ['vera-viewer']
      for (const as of callers) {
        const named = 'id' in input.shape ? { id: 'default' } : {}
        for (const over of [trpc, graphql]) await over(name, { ...inputFor(name, over), ...named }, { as })
      }
    }
    const kinds = new Map<string, string>()
    for (let after: unknown = undefined; after !== null;) {
      const { items, nextCursor } = dataOf(await trpc('decision.list', { first: 200, after }, { as: 'ada-admin' })) as {
        items: Wire<'decision.list'>['items']
        nextCursor: string | null
      }
      for (const { id, action, effect, principal, resource, policies, replayable } of items)
        if (replayable) kinds.set([principal.id, action, resource.id, effect, ...policies].join(' '), id)
      after = nextCursor
    }
    expect(kinds.size).toBeGreaterThan(volume({ full: 150, sample: 40 }))
    const deciders = new Map<string, ReturnType<typeof plainDecider>>()
    const differences: unknown[] = []
    for (const id of sampleOf([...kinds.values()], 10)) {
      const receipt = dataOf(await trpc('decision.get', { id }, { as: 'ada-admin' })) as Wire<'decision.get'>
      const { policyVersion, files, request, effect, policies } = receipt
      const decide = deciders.get(policyVersion) ?? plainDecider(files)
      deciders.set(policyVersion, decide)
      const plain = decide(request ?? '')
      const ours = { effect, policies: policies.toSorted(), errors: [] }
      if (JSON.stringify(plain) !== JSON.stringify(ours)) differences.push({ id, action: receipt.action, ours, plain })
    }
    expect(differences).toEqual([])
  }, 300_000) // plain Cedar reads the whole set for each
})

test('none of all this is a fault of ours', () => {
  expect(faults).toEqual([])
})

describe('what browsers are told', () => {
  /** A path of each route, what is not there, and what is refused. */
  const paths = () => [
    ...new Set(
      gateway.app.routes.map(({ path }) => path.replace('/trpc/*', '/trpc/auth.whoami').replace('*', '0/000')),
    ),
    '/',
    '/record/audit',
    '/nothing/here',
    '/trpc/no.such',
  ]
  const api = /^\/(graphql|trpc|oauth|metrics|healthz|readyz|temporal|nothing)/

  test('every route, in every outcome, says that nothing foreign is loaded, framed, sniffed or shared', async () => {
    expect(paths().length).toBeGreaterThan(20)
    for (const path of paths()) {
      for (const method of ['GET', 'POST'] as const) {
        const { headers, status } = await ask(path, { method, ...(method === 'POST' ? { body: 'none' } : {}) })
        const told = (name: string) => headers.get(name) ?? ''
        const policy = told('content-security-policy')
        const at = `${method} ${path} ${status}`
        expect(policy, at).toContain("default-src 'none'")
        expect(policy, at).toContain("frame-ancestors 'none'")
        expect(policy, at).toContain("require-trusted-types-for 'script'")
        expect(policy, at).not.toMatch(/unsafe|\*|https?:/)
        expect(told('x-content-type-options'), at).toBe('nosniff')
        expect(told('referrer-policy'), at).toBe('no-referrer')
        expect(told('x-frame-options'), at).toBe('DENY')
        expect(told('cross-origin-opener-policy'), at).toBe('same-origin')
        expect(told('cross-origin-resource-policy'), at).toBe('same-origin')
        expect(told('permissions-policy'), at).toMatch(/camera=\(\).*geolocation=\(\)/)
        expect(told('cache-control'), at).toMatch(
          api.test(path) || status >= 400 ? /^no-store$/ : /no-store|no-cache|public/,
        )
      }
    }
  })

  // Threat C14: a page of another name that suddenly leads here is of our origin to a browser
  test.each([
    'rebind.example',
    'localhost.rebind.example',
    'localhost@rebind.example',
    'rebind.example/localhost',
    '192.0.2.1',
  ])('what is sent to `%s` is refused before it is looked at, whatever it asks', async (host) => {
    for (const path of ['/', '/graphql', '/trpc/auth.whoami', '/.well-known/jwks.json', '/reference', '/explorer']) {
      const { status, text } = await ask(path, { as: 'ada-admin', headers: { host } })
      expect([path, status]).toEqual([path, 421])
      expect(text).toContain('[http] hosts')
      expect(text).not.toContain('rebind')
    }
    expect((await ask('/metrics', { headers: { host } })).status).toBe(host === '192.0.2.1' ? 200 : 421)
    for (const path of ['/healthz', '/readyz']) expect((await ask(path, { headers: { host } })).status).toBe(200)
  })

  test.each(['localhost', 'LOCALHOST:1', 'localhost.', '127.0.0.1:8420', '[::1]:8420', 'gatehouse.localhost'])(
    'this machine’s own name `%s` is answered in development',
    async (host) => expect((await ask('/checkpoint', { headers: { host } })).status).toBe(200),
  )
})

describe('the id of a request and its trace', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  test('every answer names its request: pages, documents, refusals, what is not there', async () => {
    const paths = ['/healthz', '/readyz', '/reference', '/checkpoint', '/nothing', '/trpc/auth.whoami', '/graphql']
    const answers = await Promise.all([
      ...paths.map((path) => ask(path)),
      post('/graphql', { query: '{ authWhoami { username } }' }, { as: 'vera-viewer' }),
      post('/graphql', 'none'),
      post('/oauth/token', {}),
    ])
    const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? '')
    expect(ids.filter((id) => !uuid.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('a refusal and its entry in the audit log have the same one, and the log is searched by it', async () => {
    const refusedByTrpc = await trpc('user.list', {}, { as: 'vera-viewer' })
    const refusedByGraphql = await graphql('user.list', {}, { as: 'vera-viewer' })
    for (const { headers, text } of [refusedByTrpc, refusedByGraphql]) {
      const requestId = headers.get('x-request-id') ?? ''
      expect(text).toContain(`"requestId":"${requestId}"`)
      const { items } = dataOf(await trpc('audit.search', { requestId }, { as: 'ada-admin' })) as {
        items: { action: string; requestId: string; outcome: string }[]
      }
      expect(items).toMatchObject([{ action: 'user.list', outcome: 'refused', requestId }])
    }
  })

  test.each(['nonsense', `${traceparent}-more`, `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'ff'.repeat(5000)])(
    'a trace that is none (%j) begins a new one, and refuses nobody',
    async (bad) => {
      const { status } = await trpc(
        'auth.whoami',
        {},
        { as: 'vera-viewer', headers: { traceparent: bad, tracestate: '=' } },
      )
      expect(status).toBe(200)
    },
  )

  test('a caller’s trace goes on through request, operation, decision and database, by strict OTLP', async () => {
    // the requests of other tests have used up what is recorded of this second
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const headers = { traceparent, tracestate: 'vendor=1' }
    await trpc('user.list', {}, { as: 'ada-admin', headers })
    const refused = await trpc('user.list', {}, { as: 'vera-viewer', headers })
    const ofTrace = () => collector.spans.filter((one) => one.traceId === traceId)
    await vi.waitFor(() => expect(ofTrace().filter(({ kind }) => kind === 2)).toHaveLength(2), { timeout: 5000 })
    const spans = ofTrace()
    const [root, refusedRoot] = spans.filter(({ kind }) => kind === 2)
    expect(root).toMatchObject({ parentSpanId: '00f067aa0ba902b7', traceState: 'vendor=1', name: 'GET' })
    expect(attributeOf(root, 'http.route')).toBe('/trpc/*')
    expect(attributeOf(refusedRoot, 'gatehouse.request_id')).toBe(refused.headers.get('x-request-id'))
    const operation = spans.find(
      ({ name, parentSpanId }) => name === 'user.list' && parentSpanId === refusedRoot?.spanId,
    )
    expect(attributeOf(operation, 'gatehouse.refusal')).toBe('forbidden')
    const decision = spans.find(
      ({ name, parentSpanId }) => name === 'cedar.decide' && parentSpanId === operation?.spanId,
    )
    expect(attributeOf(decision, 'gatehouse.effect')).toBe('deny')
    expect(spans.some(({ name, parentSpanId }) => name === 'postgresql' && parentSpanId === operation?.spanId)).toBe(
      true,
    )
    expect(collector.problems).toEqual([])
  })

  // Threats E5, F6: what collectors keep is kept by others
  test('no secret, name, address or word of a caller is in any span', async () => {
    const canary = 'canary-5f2c'
    await trpc(
      'auth.login',
      { username: canary, password: canary },
      { from: '203.0.113.77', headers: { 'user-agent': canary } },
    )
    await ask(`/record/${canary}?q=${canary}`, {
      headers: { cookie: `a=${canary}`, authorization: `Bearer ${canary}` },
    })
    await trpc('audit.search', { actor: canary, ip: '203.0.113.77' }, { as: 'ada-admin' })
    const { headers } = await trpc('auth.whoami', {}, { as: 'ada-admin' })
    const last = headers.get('x-request-id') ?? ''
    await vi.waitFor(() => expect(collector.text()).toContain(last), { timeout: 5000 })
    const personal = [canary, '203.0.113.77', 'ada-admin', 'vera-viewer', 'dora-developer', ...tokens.values()]
    expect(personal.filter((word) => collector.text().includes(word))).toEqual([])
    expect(await gateway.metrics()).toMatch(/gatehouse_telemetry_spans_total\{result="sent"\} [1-9]/)
  })
})
