import { valueWords } from './receipt.ts'

/** What a condition looks at, and what it was for this call. */
export type ActualValue = readonly [path: string, value: string]

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The call that a decision was made of; null for a text that is none. */
export function requestIn(text: string | null): Fields | null {
  try {
    const request: unknown = JSON.parse(text ?? 'null')
    return isFields(request) ? request : null
  } catch {
    return null
  }
}

/** The same call with names in the place of ids, where they are known: of what it is made of, and of what it names. */
export function namedRequest(request: Fields, names: ReadonlyMap<string, string>): Fields {
  const named = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value
    if (Array.isArray(value)) return value.map(named)
    return isFields(value) ? namedRequest(value, names) : value
  }
  return Object.fromEntries(Object.entries(request).map(([key, value]) => [key, named(value)]))
}

const texts = /"(?:\\.|[^"\\])*"/g
/** `context.mfa`, `resource.workspace.teams`; what a method is called on, without the method. */
const paths = /\b(principal|resource|context)((?:\.[A-Za-z_]\w*)+)(\s*\()?/g
const presence = /\b(principal|resource|context) has ([A-Za-z_]\w*)/g
/** The caller or the thing itself, as in `principal in Role::"Admin"`. */
const alone = /\b(principal|resource)\s+(?:in|is|==|!=)\s/g

/** The values that one condition of a policy looks at, each once and in its order. */
export function actualValues(condition: string, request: Fields): readonly ActualValue[] {
  const text = condition.replaceAll(texts, '""')
  const found = new Map<string, string>()
  for (const [, variable = ''] of text.matchAll(alone)) found.set(variable, placeWords(request, variable))
  for (const [, variable = '', name = ''] of text.matchAll(presence)) note(found, request, [variable, name])
  for (const [, variable = '', rest = '', isCall] of text.matchAll(paths)) {
    const path = [variable, ...rest.slice(1).split('.')]
    note(found, request, isCall === undefined ? path : path.slice(0, -1))
  }
  return [...found]
}

function note(found: Map<string, string>, request: Fields, path: readonly string[]): void {
  const [variable = '', ...names] = path
  if (names.length === 0) return
  const start = variable === 'context' ? request['context'] : attributesOf(request, request[variable])
  if (!isFields(start)) return
  found.set(path.join('.'), wordsAt(request, start, names))
}

function wordsAt(request: Fields, start: Fields, names: readonly string[]): string {
  let at: unknown = start
  for (const name of names) {
    const fields = isFields(at) && isFields(at['__entity']) ? attributesOf(request, at['__entity']) : at
    if (!isFields(fields) || !(name in fields)) return 'not set'
    at = fields[name]
  }
  return at === '' ? 'empty' : valueWords(at)
}

function entityOf(request: Fields, uid: unknown): Fields | undefined {
  if (!isFields(uid) || !Array.isArray(request['entities'])) return undefined
  return request['entities'].filter(isFields).find((one) => isSame(one['uid'], uid))
}

const isSame = (one: unknown, two: Fields): boolean =>
  isFields(one) && one['type'] === two['type'] && one['id'] === two['id']

const attributesOf = (request: Fields, uid: unknown): Fields | undefined => {
  const attributes = entityOf(request, uid)?.['attrs']
  return isFields(attributes) ? attributes : undefined
}

/** What a caller or a thing is, and what it belongs to: that is what `in` and `is` look at. */
function placeWords(request: Fields, variable: string): string {
  const uid = request[variable]
  if (!isFields(uid)) return 'not known'
  const parents = entityOf(request, uid)?.['parents']
  const belongs = Array.isArray(parents) ? parents.filter(isFields).map((one) => valueWords({ __entity: one })) : []
  const itself = valueWords({ __entity: uid })
  return belongs.length === 0 ? itself : `${itself}, in ${belongs.join(', ')}`
}
