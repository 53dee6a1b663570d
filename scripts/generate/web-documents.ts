import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  alertKinds,
  credentialEnds,
  graphqlFieldOf,
  operations,
  publicOperationNames,
  refusals,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import type { z } from 'zod'
import type { GeneratedFile } from './generated-file.ts'

/**
 * What this file needs of a schema: zod keeps its structure in `def`, which zod's public types do not name for every
 * kind.
 */
interface SchemaDef {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly entries?: Readonly<Record<string, string>>
}

/** Where enums stand in a value: a field's enum name, or the fields below it. Lists are looked through. */
interface EnumTree {
  readonly [field: string]: string | EnumTree
}

const wrappers = new Set(['optional', 'nullable', 'default', 'prefault', 'readonly', 'nonoptional'])
const defOf = (schema: z.ZodType): SchemaDef => schema.def as unknown as SchemaDef // see SchemaDef

/** Takes away what says only how often or whether a value stands there. */
function bare(schema: z.ZodType): z.ZodType {
  const def = defOf(schema)
  if (wrappers.has(def.type) && def.innerType !== undefined) return bare(def.innerType)
  if (def.type === 'array' && def.element !== undefined) return bare(def.element)
  return schema
}

const shapeOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined => defOf(bare(schema)).shape

/** `ssh-certificate`, `passwordChange`, `Admin` → `SSH_CERTIFICATE`, `PASSWORD_CHANGE`, `ADMIN`. */
const upperSnake = (value: string): string =>
  value
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()

function selectionOf(schema: z.ZodType): string {
  const shape = shapeOf(schema)
  if (shape === undefined) return ''
  return ` { ${Object.entries(shape)
    .map(([field, inner]) => field + selectionOf(inner))
    .join(' ')} }`
}

function enumTreeOf(schema: z.ZodType, enums: Map<string, readonly string[]>): EnumTree | string | undefined {
  const inner = bare(schema)
  const { type, entries } = defOf(inner)
  if (type === 'enum' && entries !== undefined) {
    const name = inner.meta()?.id ?? ''
    enums.set(name, Object.values(entries))
    return name
  }
  const found = Object.entries(shapeOf(inner) ?? {}).flatMap(
    ([field, below]): (readonly [string, string | EnumTree])[] => {
      const tree = enumTreeOf(below, enums)
      return tree === undefined ? [] : [[field, tree]]
    },
  )
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

const pageFields = new Set(['first', 'after'])
const takesInput = ({ input, list }: Operation): boolean =>
  Object.keys(input.shape).some((field) => list === undefined || !pageFields.has(field))

function documentText(name: OperationName): string {
  const operation = operations[name]
  const pascal = graphqlFieldOf(name).replace(/^./, (letter) => letter.toUpperCase())
  const variables = [
    ...(takesInput(operation) ? [['input', `${pascal}Input!`] as const] : []),
    ...(operation.list === undefined ? [] : [['first', 'Int'] as const, ['after', 'String'] as const]),
  ]
  const head = variables.length === 0 ? '' : `(${variables.map(([key, type]) => `$${key}: ${type}`).join(', ')})`
  const args = variables.length === 0 ? '' : `(${variables.map(([key]) => `${key}: $${key}`).join(', ')})`
  return `${operation.kind} ${pascal}${head} { ${graphqlFieldOf(name)}${args}${outputSelection(operation)} }`
}

function outputSelection({ output, list }: Operation): string {
  if (list === undefined) return selectionOf(output)
  return ` { edges { node${selectionOf(itemsOf(output))} } pageInfo { hasNextPage endCursor } }`
}

function itemsOf(output: z.ZodType): z.ZodType {
  const items = shapeOf(output)?.['items']
  if (items === undefined) throw new TypeError('a list answers a page')
  return items
}

function documentOf(name: OperationName, enums: Map<string, readonly string[]>): object {
  const operation = operations[name]
  const input = enumTreeOf(operation.input, enums)
  const output = enumTreeOf(operation.list === undefined ? operation.output : itemsOf(operation.output), enums)
  return {
    kind: operation.kind,
    field: graphqlFieldOf(name),
    list: operation.list !== undefined,
    takesInput: takesInput(operation),
    summary: operation.summary,
    text: documentText(name),
    ...(input === undefined ? {} : { inputEnums: input }),
    ...(output === undefined ? {} : { outputEnums: output }),
  }
}

interface Constant {
  readonly doc: string
  readonly name: string
  readonly rows: readonly (readonly [string, unknown])[]
  readonly type: string
}

const constant = ({ doc, name, rows, type }: Constant): string =>
  [
    `/** ${doc} */`,
    `export const ${name} = {`,
    ...rows.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`),
    `} as const satisfies ${type}`,
    '',
  ].join('\n')

/**
 * The files that the control center takes from the contract: one document per operation, the spelling of enums, the
 * words of refusals.
 */
export function webDocuments(): GeneratedFile[] {
  const enums = new Map<string, readonly string[]>()
  const documents = publicOperationNames.map((name) => [name, documentOf(name, enums)] as const)
  const spellings = [...enums].map(
    ([name, values]) => [name, Object.fromEntries(values.map((value) => [upperSnake(value), value]))] as const,
  )
  const words = Object.entries(refusals).map(([code, { text }]) => [code, text] as const)
  const text = [
    '// Generated from packages/contract by `npm run generate`. Do not edit: CI compares it with the contract.',
    "import type { EnumSpellings, WireDocument } from '../wire-document.ts'",
    '',
    constant({
      doc: 'One GraphQL document per operation, with the full selection of its output.',
      name: 'documents',
      rows: documents,
      type: 'Record<string, WireDocument>',
    }),
    constant({
      doc: "How GraphQL spells each enum's values → how the contract does.",
      name: 'enumSpellings',
      rows: spellings,
      type: 'EnumSpellings',
    }),
    constant({
      doc: 'What each refusal says, in words.',
      name: 'refusalTexts',
      rows: words,
      type: 'Record<string, string>',
    }),
    constant({
      doc: 'Why a credential is not taken that was good once, and what to do.',
      name: 'credentialEndTexts',
      rows: Object.entries(credentialEnds),
      type: 'Record<string, string>',
    }),
  ].join('\n')
  return [{ path: 'apps/web/src/generated/documents.ts', text }, alertWords(), ...policyWords()]
}

/** What people call each kind of alert: apart, since only the pages of alerts say it. */
function alertWords(): GeneratedFile {
  const text = [
    '// Generated from packages/contract by `npm run generate`. Do not edit: CI compares it with the contract.',
    '',
    constant({
      doc: 'What people call each kind of alert.',
      name: 'alertKindTexts',
      rows: Object.entries(alertKinds).map(([kind, { label }]) => [kind, label] as const),
      type: 'Record<string, string>',
    }),
  ].join('\n')
  return { path: 'apps/web/src/generated/alert-kinds.ts', text }
}

const policies = join(import.meta.dirname, '..', '..', 'policies')

/**
 * Id and doc line of each policy that we ship. Whoever is denied may often not read policies, and is still owed words.
 */
function policyWords(): GeneratedFile[] {
  const paths = readdirSync(policies, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cedar'))
    .toSorted()
  const rows = paths.flatMap((path) =>
    [...readFileSync(join(policies, path), 'utf8').matchAll(/@id\("([^"]+)"\)\s*@doc\("([^"]+)"\)/g)].map(
      ([, id = '', doc = '']) => [id, doc] as const,
    ),
  )
  const text = [
    '// Generated from policies/ by `npm run generate`. Do not edit: CI compares it with the policies.',
    '',
    constant({
      doc: 'What each policy that we ship says, for those who may not read the policies in force.',
      name: 'policyWords',
      rows: rows,
      type: 'Record<string, string>',
    }),
  ].join('\n')
  return ['apps/web', 'packages/cli'].map((owner) => ({ path: `${owner}/src/generated/policy-words.ts`, text }))
}
