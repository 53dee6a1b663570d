import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'

const Field = z.object({
  type: z.string(),
  list: z.boolean().optional(),
  values: z.union([z.array(z.string()), z.record(z.string(), z.array(z.string()))]).optional(),
})
type Field = z.output<typeof Field>

/** The fields that Elastic publishes, of the sets that we use: name, type, whether it is a list, its allowed values. */
const { fields } = z
  .object({ fields: z.record(z.string(), Field) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'testdata/ecs-fields.json'), 'utf8')))

/** Our own name space, where anything may stand. */
const own = 'gatehouse'

/** Every field of a document by its whole name. */
export function ecsFieldsOf(document: unknown, path = ''): (readonly [string, unknown])[] {
  const isLeaf = typeof document !== 'object' || document === null || Array.isArray(document) || path === 'labels'
  if (isLeaf) return [[path, document]]
  return Object.entries(document).flatMap(([key, value]) =>
    path === '' && key === own ? [] : ecsFieldsOf(value, path === '' ? key : `${path}.${key}`),
  )
}

const isText = (value: unknown): boolean => typeof value === 'string'

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: isText,
  constant_keyword: isText,
  wildcard: isText,
  match_only_text: isText,
  date: (value) => isText(value) && !Number.isNaN(Date.parse(String(value))),
  long: Number.isSafeInteger,
  ip: (value) => isText(value) && isIP(String(value)) !== 0,
  object: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
}

/** What is wrong with a document by the published list. */
export function ecsProblems(document: unknown): string[] {
  const found = ecsFieldsOf(document)
  return [...found.flatMap(([name, value]) => fieldProblems(name, value)), ...eventTypeProblems(new Map(found))]
}

function fieldProblems(name: string, value: unknown): string[] {
  const field = fields[name]
  if (field === undefined) return [`there is no field ${name}`]
  if (field.list === true && !Array.isArray(value)) return [`${name} is a list`]
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.flatMap((one) => {
    if (isOfType[field.type]?.(one) !== true) return [`${name} is no ${field.type}: ${JSON.stringify(one)}`]
    const allowed = field.values === undefined || Array.isArray(field.values) ? field.values : Object.keys(field.values)
    return allowed === undefined || allowed.includes(String(one)) ? [] : [`${name} is never ${String(one)}`]
  })
}

/** Each category expects some types of event, and no others. */
function eventTypeProblems(found: ReadonlyMap<string, unknown>): string[] {
  const expected = fields['event.category']?.values
  const [category, types] = [found.get('event.category'), found.get('event.type')]
  if (expected === undefined || Array.isArray(expected) || !Array.isArray(category) || !Array.isArray(types)) return []
  const fitting = category.flatMap((one) => expected[String(one)] ?? [])
  return types.filter((type) => !fitting.includes(String(type))).map((type) => `${category} has no ${type}`)
}
