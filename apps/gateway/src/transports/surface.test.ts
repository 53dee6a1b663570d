import { randomUUID } from 'node:crypto'
import { recordsNothing } from '@gatehouse/kit/tracing'
import { graphqlFieldOf, operations, publicOperationNames, Refusal, type OperationName } from '@gatehouse/contract'
import { Fault, type Enforcer } from '@gatehouse/enforcement'
import type { GraphQLField, GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttp } from '../http.ts'
import { WebFiles } from '../web.ts'
import { sessionCookies } from './cookies.ts'
import { openGraphql, type GraphqlTransport } from './graphql.ts'
import { enumNameOf } from './graphql-names.ts'
import { buildSchema } from './graphql-schema.ts'
import { createRunner } from './run.ts'
import { answerTrpc, buildRouter } from './trpc.ts'

/** An enforcer that refuses whatever it is asked, and remembers what that was. */
function refusingEnforcer(known: boolean): { enforcer: Enforcer; asked: OperationName[] } {
  const asked: OperationName[] = []
  const refuse = ({ name }: { name: OperationName }): Promise<never> => {
    asked.push(name)
    return Promise.reject(new Refusal('forbidden', { reason: 'no-permit', policies: [] }))
  }
  return {
    asked,
    enforcer: {
      call: refuse,
      subscribe: refuse,
      isKnown: () => Promise.resolve(known),
      whyUnknown: () => Promise.resolve(known ? null : new Refusal('unauthenticated')),
      refused: () => Promise.resolve(),
      internal: (name) => refuse({ name }),
    },
  }
}

const page = { bytes: new TextEncoder().encode('<!doctype html>'), type: 'text/html', etag: '"1"', immutable: false }

async function serverWith(enforcer: Enforcer) {
  const cookies = sessionCookies(8420, 60)
  const runner = createRunner(enforcer, cookies)
  const graphql = await openGraphql(runner, { introspection: true })
  const router = buildRouter(runner)
  const app = createHttp({
    graphql,
    cookies,
    documents: {},
    revocationList: (c) => Promise.resolve(c.text('a list')),
    trees: {},
    oauth: {},
    authzen: {},
    vault: () => Promise.resolve(new Response(null, { status: 404 })),
    web: new WebFiles(new Map([['/index.html', page]])),
    metrics: () => null,
    temporalCodec: null,
    door: { admitRequest: () => Promise.resolve(), entered: () => undefined },
    refused: () => Promise.resolve(),
    isTrustedProxy: () => false,
    isOurHost: () => true,
    sampler: recordsNothing,
    newRequestId: randomUUID,
    onUntrustedForwarding: () => undefined,
    strictTransport: false,
    ready: () => Promise.resolve(),
    onError: () => undefined,
    trpc: (context) => answerTrpc({ router, runner, context }),
  })
  const socket = { incoming: { socket: { remoteAddress: '192.0.2.1', remotePort: 1, remoteFamily: 'IPv4' } } }
  const request = (path: string, init?: RequestInit): Promise<Response> =>
    Promise.resolve(app.request(path, init, socket))
  const post = (path: string, body: unknown): Promise<Response> =>
    request(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: path.endsWith('/stream') ? 'text/event-stream' : 'application/json',
      },
      body: JSON.stringify(body),
    })
  return { graphql, router, request, post }
}

/** The smallest document that reaches one root field. */
function documentFor(name: OperationName): string {
  const schema = buildSchema()
  const { kind } = operations[name]
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind]
  const field = (root as GraphQLObjectType).getFields()[graphqlFieldOf(name)] as GraphQLField<unknown, unknown>
  const needed = field.args.filter((argument) => String(argument.type).endsWith('!'))
  const variables = needed.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ')
  const passed = needed.map((argument) => `${argument.name}: $${argument.name}`).join(', ')
  const inBrackets = (text: string): string => (text === '' ? '' : `(${text})`)
  return `${kind}${inBrackets(variables)} { ${field.name}${inBrackets(passed)} { __typename } }`
}

/** Something for every field that must be there: the types fit, the values are nobody's. */
const inputFor = (name: OperationName): Record<string, unknown> => sampleObject(operations[name].input)

const sampleObject = ({ shape }: z.ZodObject): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(shape)
      .filter(([, type]) => type._zod.optin === undefined)
      .map(([field, type]) => [field, sample(type)]),
  )

function sample(type: z.core.$ZodType): unknown {
  if (type instanceof z.ZodObject) return sampleObject(type)
  if (type instanceof z.ZodArray) return [sample(type.element)]
  if (type instanceof z.ZodEnum) return enumNameOf(String(type.options[0]))
  if (type instanceof z.ZodRecord) return {}
  if (type instanceof z.ZodBoolean) return false
  return type instanceof z.ZodNumber ? 1 : 'a'
}

describe('the surface', () => {
  let server: Awaited<ReturnType<typeof serverWith>>
  let refusing: ReturnType<typeof refusingEnforcer>
  const transports: GraphqlTransport[] = []

  beforeAll(async () => {
    refusing = refusingEnforcer(true)
    server = await serverWith(refusing.enforcer)
    transports.push(server.graphql)
  })
  afterAll(() => Promise.all(transports.map((transport) => transport.stop())))

  test('every GraphQL root field is a declared operation, and every declared operation a root field', () => {
    const schema = buildSchema()
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    )
    expect(fields.sort()).toEqual(publicOperationNames.map(graphqlFieldOf).sort())
  })

  test('every tRPC procedure is a declared operation, and every declared operation a procedure', () => {
    expect(Object.keys(server.router._def.procedures).sort()).toEqual([...publicOperationNames].sort())
  })

  test.each(publicOperationNames)('with an enforcer that refuses, %s answers on neither transport', async (name) => {
    const before = refusing.asked.length
    const { kind } = operations[name]
    const input = inputFor(name)
    const path = `/trpc/${name}`
    const trpc = kind === 'mutation' ? await server.post(path, {}) : await server.request(path)
    const graphql = await server.post(kind === 'subscription' ? '/graphql/stream' : '/graphql', {
      query: documentFor(name),
      variables: { input },
    })
    const answers = [await trpc.text(), await graphql.text()]
    expect(refusing.asked.slice(before)).toEqual([name, name])
    for (const answer of answers) expect(answer).toContain('"forbidden"')
  })

  test("a stranger's document learns no field name, whatever it asks", async () => {
    const stranger = await serverWith(refusingEnforcer(false).enforcer)
    transports.push(stranger.graphql)
    const documents = [
      '{ leaseLst { edges { node { id } } } }',
      '{ leaseList { nodez } }',
      '{ __schema { types { name } } }',
      '{ __type(name: "Lease") { fields { name } } }',
      'mutation { authLogin(input: { usernam: "a" }) { nope } }',
      '{ systemVersion { versio } }',
      'query { ...F } fragment F on Query { auditSearch { edges { cursor } } }',
      '{',
      'subscription { leaseWatch { idd } }',
    ]
    for (const query of documents) {
      const text = await (await stranger.post('/graphql', { query })).text()
      expect(text).not.toMatch(/Did you mean|leaseList|auditSearch|username|"version"|Lease\b/)
      const { errors } = JSON.parse(text) as { errors: { extensions: { code: string } }[] }
      expect(errors.length).toBeGreaterThan(0)
      for (const { extensions } of errors) expect(extensions.code).toMatch(/^(unauthenticated|invalid-input)$/)
    }
  })

  test('documents that are too wide, too deep or full of aliases are refused before anything runs', async () => {
    const before = refusing.asked.length
    const wide = `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: systemVersion { version }`).join(' ')} }`
    const spread = 'query { ...A } fragment A on Query { ...A }'
    const deep = `{ leaseList ${'{ edges { node '.repeat(8)}{ id }${' } }'.repeat(8)} }`
    for (const query of [wide, spread, deep]) {
      const answer = await server.post('/graphql', { query })
      expect(answer.status, query.slice(0, 40)).toBe(400)
    }
    expect(refusing.asked.length).toBe(before)
  })

  test('what a foreign form could send is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/graphql',
    ]) {
      const answer = await server.request('/graphql', {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"query":"{ systemVersion { version } }"}',
      })
      expect(answer.status, type).toBe(400)
    }
  })

  test('a batch of more calls than allowed is refused whole', async () => {
    const answer = await server.request(`/trpc/${Array.from({ length: 21 }, () => 'system.version').join(',')}?batch=1`)
    expect(answer.status).toBe(400)
  })

  test('an address of nothing is told to a browser by a page, and to programs in JSON', async () => {
    const visit = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const kindOf = async (path: string, accept?: string): Promise<string | undefined> => {
      const answer = await server.request(path, accept === undefined ? {} : { headers: { accept } })
      expect(answer.status, path).toBe(404)
      return answer.headers.get('content-type')?.split(';')[0]
    }
    expect(await kindOf('/audit', visit)).toBe('text/html')
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html'])
      expect(await kindOf('/audit', accept), accept).toBe('application/json')
    for (const path of ['/graphql/none', '/metrics', '/metrics/none', '/ssh/none', '/readyz/none'])
      expect(await kindOf(path, visit), path).toBe('application/json')
  })

  test('no answer may be kept by a cache', async () => {
    const answer = await server.post('/graphql', { query: '{ systemVersion { version } }' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a stream that ends by a refusal', () => {
  test.for([0, 2])('says so as its last item, after %i others', async (before) => {
    const { enforcer } = refusingEnforcer(true)
    const refusal = new Refusal('not-found')
    async function* ending(): AsyncGenerator<never> {
      for (let given = 0; given < before; given += 1) yield lease as never
      await Promise.resolve()
      throw refusal
    }
    const { graphql, post } = await serverWith({ ...enforcer, subscribe: () => Promise.resolve(ending()) })
    const answer = await post('/graphql/stream', { query: 'subscription { leaseWatch { id } }' })
    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(text.match(/event: next/g)).toHaveLength(before + 1)
    expect(text).toContain('"code":"not-found"')
    expect(text.trimEnd()).toMatch(/event: complete\ndata:$/)
    await graphql.stop()
  })
})

describe('a stream that ends by a fault', () => {
  test('names the request that its log line names, on both transports', async () => {
    const { enforcer } = refusingEnforcer(true)
    const broken = (requestId: string): AsyncIterable<never> => {
      const fault = new Fault(requestId, new Error('the cause is for the log'))
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fault) }) }
    }
    let asked = ''
    const { request, graphql, post } = await serverWith({
      ...enforcer,
      subscribe: ({ requestId }: { readonly requestId: string }) => {
        asked = requestId
        return Promise.resolve(broken(requestId))
      },
    })
    const answers = [
      () => post('/graphql/stream', { query: 'subscription { leaseWatch { id } }' }),
      () => request('/trpc/lease.watch?input=%7B%7D'),
    ]
    for (const ask of answers) {
      const text = await (await ask()).text()
      expect(text).toContain('"code":"internal"')
      expect(text).toContain(`"requestId":"${asked}"`)
      expect(text).not.toContain('for the log')
    }
    await graphql.stop()
  })
})

const lease = {
  id: 'l',
  backend: 'ssh-key',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  role: 'deploy@db-1',
  workspace: 'w',
  purpose: 'a test',
  principal: 'u',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  issuedAt: new Date(0),
  expiresAt: new Date(1),
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  hostId: null,
}
