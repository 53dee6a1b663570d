/** What was asked of the policies, as a person reads it. */
export interface Asked {
  /** What else was known of the call: name and value. */
  readonly context: readonly (readonly [name: string, value: string])[]
  /** Who and what it was about, with all that the policies could read of each. */
  readonly entities: readonly AskedEntity[]
}

/** One thing as the policies saw it. */
export interface AskedEntity {
  readonly type: string
  readonly id: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly parents: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A Cedar value in words: entities as `Type id`, sets by commas. */
export function valueWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueWords).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (!isFields(value)) return String(value)
  if (isFields(value['__entity'])) return entityWords(value['__entity'])
  if (isFields(value['__extn'])) return textOf(value['__extn']['arg'])
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${valueWords(inner)}`)
    .join(', ')
}

const entityWords = (uid: Fields): string => `${textOf(uid['type'])} ${textOf(uid['id'])}`

const valuesIn = (fields: unknown): Asked['context'] =>
  Object.entries(fieldsOf(fields)).map(([name, value]) => [name, valueWords(value)] as const)

/** A recorded request; null for a text that is none. */
export function askedIn(request: string | null): Asked | null {
  try {
    const whole: unknown = JSON.parse(request ?? 'null')
    if (!isFields(whole)) return null
    return { context: valuesIn(whole['context']), entities: listOf(whole['entities']).filter(isFields).map(entityIn) }
  } catch {
    return null
  }
}

function entityIn(entity: Fields): AskedEntity {
  const uid = fieldsOf(entity['uid'])
  return {
    type: textOf(uid['type']),
    id: textOf(uid['id']),
    attributes: valuesIn(entity['attrs']),
    parents: listOf(entity['parents']).filter(isFields).map(entityWords),
  }
}

/** The text of a policy in the files of its set, from its first annotation to its end; null: it is not among them. */
export function policyTextIn(files: readonly { readonly text: string }[], id: string): string | null {
  const mark = `@id(${JSON.stringify(id)})`
  for (const { text } of files) {
    const at = text.indexOf(mark)
    if (at < 0) continue
    const end = endOfPolicy(text, at)
    return text.slice(at, end)
  }
  return null
}

/** Right after the semicolon that ends a policy; one in a text or a comment ends nothing. */
function endOfPolicy(text: string, from: number): number {
  const pieces = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|;/g
  pieces.lastIndex = from
  for (let found = pieces.exec(text); found !== null; found = pieces.exec(text))
    if (found[0] === ';') return pieces.lastIndex
  return text.length
}
