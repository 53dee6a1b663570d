import { invalidField, isFactName, Refusal, type Raw } from '@gatehouse/contract'
import { z } from 'zod'
import { addressAsWritten } from '../address.ts'
import type { RequestContext } from '../transports/run.ts'

/** Evaluations in one request. Each is decided, counted and recorded for itself. */
export const evaluationsMax = 50

const text = (what: string) => z.string({ error: what })
const properties = z.record(z.string(), z.unknown(), { error: 'an object' }).optional()

// what a later version adds is not looked at: receivers ignore unknown fields (AuthZEN 1.0, *JSON Serialization*)
const Entity = z.object(
  { type: text('the type, a text'), id: text('the id, a text'), properties },
  { error: 'an object' },
)
const Action = z.object({ name: text('the name, a text'), properties }, { error: 'an object' })
const Context = z.record(z.string(), z.unknown(), { error: 'an object' })
const entities = { subject: Entity, action: Action, resource: Entity } as const

/** One question, with everything in it that has to be. */
const Question = z.object({ ...entities, context: Context.optional() }, { error: 'a JSON object' })
export type Question = z.output<typeof Question>

const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
export type Semantic = (typeof semantics)[number]

// an entity at the top is only a default, and is looked at where an evaluation takes it
const Boxcar = z.object(
  {
    evaluations: z
      .array(z.record(z.string(), z.unknown(), { error: 'an object' }), { error: 'a list' })
      .max(evaluationsMax, { error: `at most ${evaluationsMax} evaluations` })
      .default([]),
    options: z
      .object(
        { evaluations_semantic: z.enum(semantics, { error: `one of ${semantics.join(', ')}` }).optional() },
        { error: 'an object' },
      )
      .optional(),
  },
  { error: 'a JSON object' },
)

/** What is asked by one request: one question, or some in a row. */
export type Asked =
  | { readonly kind: 'one'; readonly question: Question }
  | { readonly kind: 'many'; readonly questions: readonly AskedOne[]; readonly semantic: Semantic }

/** One of many: a question, or why it is none. */
export type AskedOne = Question | Refusal

/** The one question of a request to `/evaluation`. Throws `invalid-input`. */
export const oneQuestion = (body: unknown): Question => parsed(Question, body, [])

/**
 * The questions of a request to `/evaluations`; without any in a list, it is one question itself. One that says too
 * little takes no other with it (AuthZEN 1.0, *Errors*). Throws `invalid-input` for what is no list of them.
 */
export function questionsIn(body: unknown): Asked {
  const { evaluations, options } = parsed(Boxcar, body, [])
  if (evaluations.length === 0) return { kind: 'one', question: oneQuestion(body) }
  const defaults = body as Readonly<Record<string, unknown>> // has just been read as an object
  const questions = evaluations.map((one, index) => questionOr(withDefaults(one, defaults), ['evaluations', index]))
  return { kind: 'many', questions, semantic: options?.evaluations_semantic ?? 'execute_all' }
}

/** What an evaluation may say, and what of each has to be there. */
const required = { subject: ['type', 'id'], action: ['name'], resource: ['type', 'id'], context: [] } as const

/**
 * Whole entities take the place of defaults, and of properties nothing is merged; what has to be there and is not said
 * is that of the default (*Certification Scenario*, 3.2.7).
 */
const withDefaults = (one: Said, defaults: Said): Said =>
  Object.fromEntries(
    Object.entries(required).map(([name, fields]) => {
      const [own, byDefault] = [one[name], defaults[name]]
      if (!isObject(own) || !isObject(byDefault)) return [name, own === undefined ? byDefault : own] as const
      return [name, { ...only(byDefault, fields), ...own }] as const
    }),
  )

const isObject = (value: unknown): value is Said => typeof value === 'object' && value !== null && !Array.isArray(value)

const only = (from: Said, fields: readonly string[]): Said =>
  Object.fromEntries(fields.flatMap((field) => (Object.hasOwn(from, field) ? [[field, from[field]] as const] : [])))

function questionOr(one: Said, place: readonly (string | number)[]): AskedOne {
  try {
    return parsed(Question, one, place)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, place: readonly (string | number)[]): T {
  const answer = schema.safeParse(value)
  if (answer.success) return answer.data
  const fields = answer.error.issues.map(({ path, message }) => ({
    path: [...place, ...path].map(String).join('.') || 'body',
    message,
  }))
  throw new Refusal('invalid-input', { fields })
}

/** Reads the JSON of a request. Throws `invalid-input` for what is none, and for another content type. */
export async function readJson({ http }: RequestContext): Promise<unknown> {
  const type = http.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw invalidField('content-type', 'application/json')
  try {
    return await http.req.json()
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidField('body', 'a JSON object')
    throw error
  }
}

const types: ReadonlyMap<string, 'User' | 'Service'> = new Map([
  ['user', 'User'],
  ['service', 'Service'],
])

/**
 * What `policy.evaluate` is asked. Null: there are no such subjects here. What the question says of its subject beyond
 * who they are, where from, and in which session, nobody looks at: the server knows it.
 */
export function evaluationInput({ subject, action, resource, context = {} }: Question): Raw<'policy.evaluate'> | null {
  const type = types.get(subject.type.toLowerCase())
  if (type === undefined) return null
  const of = subject.properties ?? {}
  const { workspace, ...properties } = resource.properties ?? {}
  const { parameters, ...claims } = action.properties ?? {}
  const { workspace: inContext, ip, ...rest } = context
  return {
    principal: { type, id: subject.id },
    action: action.name,
    resource: { type: resource.type, id: resource.id },
    properties: factsIn(properties),
    context: factsIn({ ...claims, ...rest }),
    parameters: parametersIn(parameters),
    ...textField('session', { 'subject.properties.session': of['session'] }),
    ...textField('workspace', { 'resource.properties.workspace': workspace, 'context.workspace': inContext }),
    ...addressField({ 'subject.properties.ip_address': of['ip_address'], 'context.ip': ip }),
  }
}

/**
 * What the question says under names that no fact can have, as `ignored` names what else is not looked at: who asks
 * would take it for something that was decided on.
 */
export const nameless = ({ action, resource, context }: Question): readonly string[] => [
  ...namelessIn(resource.properties).map((name) => `properties.${name}`),
  ...namelessIn({ ...action.properties, ...context }).map((name) => `context.${name}`),
]

const namelessIn = (values: Said = {}): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => (isFactName(name) || value === null ? [] : [name]))

type Said = Readonly<Record<string, unknown>>

/** The first of some places at which something is said; null: nothing is. */
const firstSaid = (said: Said): readonly [path: string, value: unknown] | null =>
  Object.entries(said).find(([, value]) => value !== undefined && value !== null) ?? null

/**
 * What is said under a name of ours. What is no text there is refused: left out, it would pass for not said, and a
 * question about a thing in production would be answered for the default workspace.
 */
function textField(name: string, said: Said): Readonly<Record<string, string>> {
  const [path, value] = firstSaid(said) ?? []
  if (path === undefined) return {}
  if (typeof value !== 'string') throw invalidField(path, 'a text')
  return { [name]: value }
}

/**
 * Where somebody calls from. What cannot be read is refused: left out, they would be in no network at all, and what
 * forbids one would forbid them nothing.
 */
function addressField(said: Said): { readonly address?: string } {
  const [path, value] = firstSaid(said) ?? []
  if (path === undefined) return {}
  const address = typeof value === 'string' ? addressAsWritten(value) : null
  if (address === null) throw invalidField(path, 'an address such as 192.0.2.7 or 2001:db8::7')
  return { address }
}

type Fact = string | number | boolean | string[]

/** What is said under names that policies can have; what else others say of their things is theirs. */
const factsIn = (values: Readonly<Record<string, unknown>>): Record<string, Fact> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      isFactName(name) && value !== null && value !== undefined ? [[name, isFact(value) ? value : textAs(value)]] : [],
    ),
  )

/** Values that policies can look at. */
const isFact = (value: unknown): value is Fact =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value) || isTexts(value)

/**
 * A number that is none of Cedar's, an object or a mixed list, as text. Left out, it would pass for something that was
 * not said, and what forbids where it is too much would forbid nothing; as text it is of no type that a policy asks for
 * there, and is denied.
 */
const textAs = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, factCharactersMax)

/** As long as a fact may be. */
const factCharactersMax = 1000

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')

/**
 * The parameters that an approval is bound to: an object of texts, numbers, or true and false. What reads the same as
 * text must be the same call, so nothing else is made a text: of two objects within it both would read alike.
 */
function parametersIn(value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && isTexts(value)) return value.map(String)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidParameters()
  const entries = Object.entries(value)
  if (!entries.every(([name, one]) => !name.includes('=') && isParameter(one))) throw invalidParameters()
  return entries.map(([name, one]) => `${name}=${String(one)}`)
}

const isParameter = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && isExact(value))

/** Integers beyond 2^53 were rounded before we saw them. */
const isExact = (value: number): boolean => Math.abs(value) <= Number.MAX_SAFE_INTEGER

const invalidParameters = (): Refusal =>
  invalidField(
    'action.properties.parameters',
    'an object of names without `=` and of texts, true, false or numbers up to 2^53; or a list of name=value',
  )
