import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  checkInput,
  commonRefusals,
  graphqlFieldOf,
  operations,
  publicOperationNames,
  type OperationName,
} from '@gatehouse/contract'
import { findHidden } from '@gatehouse/kit'
import {
  startGatewayHome,
  startTemporal,
  type TestTemporal,
  testSeed,
  timeoutOf,
  volume,
  type GatewayHome,
} from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { bareOf, hostileValues, placesOf, withValue, type Place } from './support/hostile-values.ts'
import { baseOf, freshTotp, logIn, outside, principalOf, type Answer, type Outside } from './support/outside.ts'
import { inputFor } from './support/right-inputs.ts'

// Threat C7: text that steers, hides or breaks. Every hostile value into every field of every operation, on both
// transports, against a running system: what comes back is a declared refusal that names the field, or the value
// itself.

/** One of so many cases is run under `npm test`: half a minute's worth, another part each day. */
const sampleOneIn = 120

/** These end the session or the standing of who calls: they are called by people whom nothing else needs. */
const expendable: Readonly<Partial<Record<string, readonly [role: string, nth: number]>>> = {
  'auth.logout': ['Viewer', 0],
  'mfa.disable': ['Developer', 0],
  'session.revokeOthers': ['Operator', 0],
  'password.change': ['Operator', 1],
}

interface Case {
  readonly name: OperationName
  readonly place: Place
  readonly kind: string
  readonly transport: 'trpc' | 'graphql'
}

const callable = publicOperationNames.filter((name) => operations[name].kind !== 'subscription')
const allCases: readonly Case[] = callable.flatMap((name) =>
  placesOf(name).flatMap((place) =>
    Object.keys(hostileValues).flatMap((kind) =>
      (['trpc', 'graphql'] as const).map((transport) => ({ name, place, kind, transport })),
    ),
  ),
)
const cases = allCases.filter((_case, index) =>
  volume({ full: true, sample: (index + testSeed()) % sampleOneIn === 0 }),
)

const told = ({ name, place, kind, transport }: Case): string => `${name} ${place.join('.')} ${kind} ${transport}`

describe('hostile input', () => {
  let temporal: TestTemporal
  let home: GatewayHome
  let base: string
  const people = new Map<string, Outside>()
  const settings = join(mkdtempSync(join(tmpdir(), 'gatehouse-settings-')), 'security.toml')

  beforeAll(async () => {
    // the whole of them takes longer than the quarter of an hour that a token lives
    const lasting = '[jwt]\naccess_token_ttl = "1h"\n'
    writeFileSync(settings, `${lasting}[mfa]\nstep_up_max_age = "1h"\nrequired_roles = []\n`)
    temporal = await startTemporal()
    home = await startGatewayHome({ env: { GATEHOUSE_CONFIG: settings }, temporal })
    base = baseOf(home.dev())
    for (const [role, nth] of [
      ['Admin', 0] as const,
      ...Object.values(expendable).flatMap((one) => (one ? [one] : [])),
    ])
      people.set(`${role} ${nth}`, await logInFresh(home, role, nth))
  })
  afterAll(async () => {
    await home.remove()
    await temporal.stop()
    rmSync(settings, { force: true })
  })

  const callerOf = (name: OperationName): Outside => {
    const [role, nth] = expendable[name] ?? ['Admin', 0]
    const found = people.get(`${role} ${nth}`)
    if (found === undefined) throw new TypeError(`nobody logged in as ${role} ${nth}`)
    return found
  }

  test('goes into inputs that are right but for it', () => {
    for (const name of callable)
      expect(checkInput(operations[name].input.strict(), inputFor(name)), name).toHaveProperty('data')
  })

  test(
    'is refused by its field or given back as it was, for every field of every operation on both transports',
    async () => {
      const wrong: string[] = []
      const tally = { refused: 0, accepted: 0 }
      for (const one of cases) {
        const input = withValue(fresh(inputFor(one.name)), one.place, hostileValues[one.kind])
        const answer = await answerOf(one, callerOf(one.name), input)
        if (answer === 'closed') tally.refused += 1
        else tally[answer.code === null && answer.status === 200 ? 'accepted' : 'refused'] += 1
        const problem = answer === 'closed' ? null : problemOf(one, input, answer)
        if (problem !== null) wrong.push(`${told(one)}: ${problem}`)
      }
      const fields = new Set(allCases.map(({ name, place }) => `${name} ${place.join('.')}`)).size
      process.stdout.write(
        `hostile input: ${cases.length} of ${allCases.length} combinations ` +
          `(${fields} fields of ${callable.length} operations, ${Object.keys(hostileValues).length} values, ` +
          `2 transports; seed ${testSeed()}): ${tally.refused} refused, ${tally.accepted} accepted\n`,
      )
      expect(wrong).toEqual([])
    },
    timeoutOf(280_000),
  )

  test('a stream refuses them, too', async () => {
    const admin = callerOf('lease.list')
    const { headers } = { headers: { authorization: `Bearer ${admin.token ?? ''}`, accept: 'text/event-stream' } }
    for (const kind of ['nul', 'override', 'loneHigh', 'object', 'list', 'long', 'path', 'sql']) {
      const input = JSON.stringify({ workspace: hostileValues[kind] })
      const response = await fetch(`${base}/trpc/lease.watch?input=${encodeURIComponent(input)}`, {
        headers,
        signal: AbortSignal.timeout(10_000),
      })
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      while (!text.includes('invalid-input') && reader !== undefined) {
        const { value, done } = await reader.read()
        if (done) break
        text += value
      }
      await reader?.cancel()
      expect(text, kind).toContain('"path":"workspace"')
      expect(text, kind).toContain('invalid-input')
    }
  })

  test('nothing that steers or hides has come into the audit log', async () => {
    const admin = callerOf('audit.search')
    let after: unknown
    for (let pages = 0; pages < 5; pages += 1) {
      const page = await admin.query('audit.search', { first: 200, ...(typeof after === 'string' ? { after } : {}) })
      expect(hiddenIn(page.data)).toBeNull()
      after = page.data['nextCursor']
      if (typeof after !== 'string') break
    }
  })
})

/** People are made with names of their own; two of one name would be a conflict instead of an answer. */
let made = 0
const fresh = (input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  made += 1
  return {
    ...input,
    ...('username' in input ? { username: `somebody-${made}` } : {}),
    ...('name' in input ? { name: `thing-${made}` } : {}),
  }
}

/**
 * What was answered. A body beyond the limit of all bodies is refused while it is still being sent: whether the client
 * sees the answer or the end of the connection first is not the server's to say.
 */
async function answerOnceOf({ name, kind, transport }: Case, as: Outside, input: unknown): Promise<Answer | 'closed'> {
  const send = transport === 'trpc' ? overTrpc : overGraphql
  const closed = (error: unknown): 'closed' => {
    if (error instanceof TypeError && error.message === 'fetch failed') return 'closed'
    throw error
  }
  let answer = await send(as, name, input).catch(closed)
  // the connections may be those on which something too long was just refused
  for (let tries = 0; answer === 'closed' && kind !== 'megabyte' && tries < 10; tries += 1) {
    await sleep(50)
    answer = await send(as, name, input).catch(closed)
  }
  if (answer === 'closed' && kind !== 'megabyte') throw new TypeError(`no answer to ${name} ${kind}`)
  return answer === 'closed' || tooLong.has(answer.status) ? 'closed' : answer
}

/** How often somebody asks again whom a busy machine told to: an entry that waits for a second is not taken. */
const triesMax = 5

/** The answer, once the machine had the time for one: `unavailable` says to ask again, and clients do. */
async function answerOf(one: Case, as: Outside, input: unknown): Promise<Answer | 'closed'> {
  let answer = await answerOnceOf(one, as, input)
  for (let tries = 1; answer !== 'closed' && answer.code === 'unavailable' && tries < triesMax; tries += 1) {
    await sleep(1_000)
    answer = await answerOnceOf(one, as, input)
  }
  return answer
}

/** Payload too large, and header fields too large: a query over tRPC stands in the request line. */
const tooLong: ReadonlySet<number> = new Set([413, 414, 431])

const overTrpc = (as: Outside, name: OperationName, input: unknown): Promise<Answer> =>
  operations[name].kind === 'query' ? as.query(name, input) : as.mutate(name, input)

const overGraphql = (as: Outside, name: OperationName, input: unknown): Promise<Answer> => {
  const { list, kind } = operations[name]
  const { first, after, ...rest } = input as Readonly<Record<string, unknown>>
  const own = list === undefined ? (input as Readonly<Record<string, unknown>>) : rest
  const fields = Object.keys(operations[name].input.shape).filter((field) => list === undefined || !isPaging(field))
  const stem = graphqlFieldOf(name).replace(/^./, (letter) => letter.toUpperCase())
  const needed = fields.some((field) => operations[name].input.shape[field]?._zod.optin === undefined) ? '!' : ''
  const variables = [
    ...(fields.length === 0 ? [] : [['input', `${stem}Input${needed}`, spelt(name, own)] as const]),
    ...(list === undefined ? [] : [['first', 'Int', first] as const, ['after', 'String', after] as const]),
  ].filter(([, , value]) => value !== undefined)
  const declared = variables.map(([variable, type]) => `$${variable}: ${type}`).join(', ')
  const passed = variables.map(([variable]) => `${variable}: $${variable}`).join(', ')
  const [outer, inner] = variables.length === 0 ? ['', ''] : [`(${declared})`, `(${passed})`]
  return as.graphql(
    `${kind} Hostile${outer} { ${graphqlFieldOf(name)}${inner} { __typename } }`,
    Object.fromEntries(variables.map(([variable, , value]) => [variable, value])),
  )
}

const isPaging = (field: string): boolean => field === 'first' || field === 'after'

/** GraphQL spells enums in capitals; what is no value of the enum stays as it is. */
function spelt(name: OperationName, input: Readonly<Record<string, unknown>>): unknown {
  return speltAs(operations[name].input, input)
}

function speltAs(type: z.core.$ZodType, value: unknown): unknown {
  const bare = bareOf(type)
  if (bare instanceof z.ZodEnum && typeof value === 'string' && bare.options.includes(value))
    return value
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[^A-Za-z0-9]/g, '_')
      .toUpperCase()
  if (bare instanceof z.ZodArray && Array.isArray(value)) return value.map((item) => speltAs(bare.element, item))
  if (bare instanceof z.ZodObject && typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(
      Object.entries(value).map(([field, part]) => {
        const inner = (bare.shape as z.core.$ZodShape)[field]
        return [field, inner === undefined ? part : speltAs(inner, part)]
      }),
    )
  return value
}

function problemOf(one: Case, input: unknown, answer: Answer): string | null {
  const declared: readonly (string | null)[] = [...commonRefusals, ...operations[one.name].refusals]
  const hidden = hiddenIn(answer.body)
  if (hidden !== null) return `answered with ${hidden}`
  if (tooLong.has(answer.status)) return null
  if (answer.code === null)
    return answer.status === 200 ? givenBackProblem(one, input, answer) : `no refusal: ${JSON.stringify(answer.body)}`
  if (!declared.includes(answer.code)) return `answered ${answer.code}: ${JSON.stringify(answer.body).slice(0, 300)}`
  const checked = checkInput(operations[one.name].input.strict(), input)
  if ('data' in checked || answer.code === 'rate-limited') return null
  if (one.name in expendable && sessionIsOver.has(answer.code)) return null
  if (one.transport === 'graphql' && (hostileValues[one.kind] === null || answer.code !== 'invalid-input')) return null
  if (answer.code !== 'invalid-input') return `${answer.code} where the field is wrong`
  if (one.transport === 'graphql' && isRightAlone(one)) return null
  return namesField(one, answer) ? null : `does not name the field: ${JSON.stringify(answer.refusal)}`
}

/** GraphQL takes one value where a list is wanted as a list of one (§3.11, input coercion): it may be right as that. */
const isRightAlone = ({ name, place, kind }: Case): boolean =>
  'data' in checkInput(operations[name].input.strict(), withValue(fresh(inputFor(name)), place, [hostileValues[kind]]))

/** What somebody is told whose own call has just ended their session or standing. */
const sessionIsOver: ReadonlySet<string> = new Set(['unauthenticated', 'password-change-required', 'mfa-required'])

const Named = z.array(z.object({ path: z.string(), message: z.string().min(1) })).min(1)

/** The field itself, something in it, or (where the whole was replaced) the field around it. */
function namesField({ place }: Case, { refusal }: Answer): boolean {
  const fields = Named.safeParse(refusal?.['fields'])
  const path = place.join('.')
  return fields.success && fields.data.some((field) => field.path === path || field.path.startsWith(`${place[0]}`))
}

/** What was taken and is given back under the same name is what the contract made of it: composed, or one spelling. */
function givenBackProblem({ name, place, transport }: Case, input: unknown, { data }: Answer): string | null {
  const [field] = place
  if (transport === 'graphql' || place.length > 1 || field === undefined || field === 0) return null
  const checked = checkInput(operations[name].input.strict(), input)
  if (!('data' in checked)) return 'accepted what the contract refuses'
  const wanted = (checked.data as Readonly<Record<string, unknown>>)[field]
  const back = data[field]
  if (typeof wanted !== 'string' || typeof back !== 'string' || !givesBack.has(`${name} ${field}`)) return null
  return back === wanted ? null : `gave back ${JSON.stringify(back)}`
}

/** What names a thing is answered by its id. */
const byReference: ReadonlySet<string> = new Set([
  'id',
  'role',
  'state',
  'serviceAccount',
  'resource',
  'workspace',
  'user',
])

/** Fields that an output has under the name of its input's. */
const givesBack: ReadonlySet<string> = new Set(
  callable.flatMap((name) => {
    const { input, output } = operations[name]
    return output instanceof z.ZodObject && operations[name].kind === 'mutation'
      ? Object.keys(input.shape)
          .filter((field) => field in output.shape && !byReference.has(field))
          .map((field) => `${name} ${field}`)
      : []
  }),
)

/** The first text of an answer with a character that steers or hides; line breaks stand in documents and policies. */
function hiddenIn(value: unknown): string | null {
  if (typeof value === 'string') {
    const hidden = findHidden(value, { lineBreaks: true, joiners: true })
    return hidden === null ? null : `${hidden.name} in ${JSON.stringify(value.slice(0, 80))}`
  }
  if (typeof value !== 'object' || value === null) return null
  for (const part of Object.values(value)) {
    const found = hiddenIn(part)
    if (found !== null) return found
  }
  return null
}

async function logInFresh(home: GatewayHome, role: string, nth: number): Promise<Outside> {
  const base = baseOf(home.dev())
  const person = principalOf(home.dev(), role, nth)
  const session = await logIn(base, person)
  await session.mutate('auth.stepUpComplete', { totp: await freshTotp(person.totpSecret) })
  return outside(base, session.token)
}
