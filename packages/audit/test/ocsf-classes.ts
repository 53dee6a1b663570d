import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Shape = z.object({
  fields: z.record(
    z.string(),
    z.object({
      type: z.string().optional(),
      object: z.string().optional(),
      list: z.boolean().optional(),
      required: z.boolean().optional(),
      enum: z.array(z.int()).optional(),
    }),
  ),
  constraints: z.object({ at_least_one: z.array(z.string()).optional() }).optional(),
})
type Shape = z.output<typeof Shape>

/** The classes that we write, with all their attributes, and the objects in them; as the schema's release has them. */
const schema = z
  .object({ classes: z.record(z.string(), Shape), objects: z.record(z.string(), Shape) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'testdata/ocsf-1.7.0.json'), 'utf8')))

const numbers: ReadonlySet<string> = new Set(['integer_t', 'long_t', 'timestamp_t', 'port_t'])

/** What is wrong with an event by the schema of its class. */
export function ocsfProblems(event: unknown): string[] {
  const facts = event as Readonly<Record<string, number>> // read from our own text; what is missing is told below
  const uid = String(facts['class_uid'])
  const shape = schema.classes[uid]
  if (shape === undefined) return [`there is no class ${uid}`]
  const typeUid = Number(uid) * 100 + Number(facts['activity_id'])
  return [
    ...problemsOf(event, shape, uid),
    ...(facts['type_uid'] === typeUid ? [] : [`type_uid is not ${typeUid}`]),
    ...(facts['category_uid'] === Math.floor(Number(uid) / 1000) ? [] : ['the category is not that of the class']),
  ]
}

function problemsOf(value: unknown, { fields, constraints }: Shape, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is an object`]
  const missing = Object.entries(fields)
    .filter(([name, field]) => field.required === true && !(name in value))
    .map(([name]) => `${path}.${name} is missing`)
  const wanted = constraints?.at_least_one ?? []
  const none = wanted.length > 0 && !wanted.some((name) => name in value) ? [`${path} has none of ${wanted}`] : []
  const wrong = Object.entries(value).flatMap(([name, one]) => attributeProblems(`${path}.${name}`, one, fields[name]))
  return [...missing, ...none, ...wrong]
}

function attributeProblems(path: string, value: unknown, field: Shape['fields'][string] | undefined): string[] {
  if (field === undefined) return [`there is no attribute ${path}`]
  if (field.list === true) {
    if (!Array.isArray(value)) return [`${path} is a list`]
    return value.flatMap((one) => attributeProblems(path, one, { ...field, list: false }))
  }
  if (field.object !== undefined) {
    const shape = schema.objects[field.object]
    if (field.object === 'object') return []
    return shape === undefined ? [`${path} is not looked at`] : problemsOf(value, shape, path)
  }
  const isNumber = typeof field.type === 'string' && numbers.has(field.type)
  if (typeof value !== (isNumber ? 'number' : 'string')) return [`${path} is no ${String(field.type)}`]
  return field.enum === undefined || field.enum.includes(Number(value)) ? [] : [`${path} is never ${String(value)}`]
}
