import { operations, publicOperationNames, refusals, type OperationName } from '@gatehouse/contract'
import type { z } from 'zod'
import { describeSchema, propertyText, typeText, type JsonSchema } from './json-schema.ts'
import type { GeneratedFile } from './generated-file.ts'

const NOTICE = '// Generated from packages/contract by `npm run generate`. Do not edit: a check compares it.'

/** What the typed client knows of the contract: plain types and the kind of each operation, without the contract. */
export function clientFiles(): GeneratedFile[] {
  const definitions = new Map<string, JsonSchema>()
  const described = publicOperationNames.map((name) => ({
    name,
    input: typeOf(operations[name].input, definitions),
    output: typeOf(operations[name].output, definitions),
  }))
  return [
    { path: 'packages/client/src/generated/types.ts', text: typesText(definitions) },
    { path: 'packages/client/src/generated/operations.ts', text: operationsText(described) },
  ]
}

const typeOf = (schema: z.ZodType, definitions: Map<string, JsonSchema>): string => {
  const { root, named } = describeSchema(schema)
  for (const [name, definition] of Object.entries(named)) definitions.set(name, definition)
  return typeText(root, 'T.')
}

const typesText = (definitions: ReadonlyMap<string, JsonSchema>): string =>
  [
    NOTICE,
    ...[...definitions.entries()]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .flatMap(([name, schema]) => ['', ...declarationOf(name, schema)]),
    '',
  ].join('\n')

const declarationOf = (name: string, schema: JsonSchema): readonly string[] =>
  schema.properties === undefined
    ? [`export type ${name} = ${typeText(schema, '')}`]
    : [`export interface ${name} {`, ...propertyText(schema, '').map((line) => `  ${line}`), '}']

interface DescribedOperation {
  readonly name: OperationName
  readonly input: string
  readonly output: string
}

const operationsText = (described: readonly DescribedOperation[]): string => {
  const lists = described.filter(({ name }) => operations[name].list !== undefined)
  const streams = described.filter(({ name }) => operations[name].kind === 'subscription')
  return [
    NOTICE,
    "import type * as T from './types.ts'",
    '',
    '/** Every operation: what it takes and what it answers, as JSON. */',
    'export interface Operations {',
    ...described.flatMap(({ name, input, output }) => [
      `  /** ${operations[name].summary.replaceAll('*/', '* /')} */`,
      `  '${name}': { input: ${input}; output: ${output} }`,
    ]),
    '}',
    '',
    'export type OperationName = keyof Operations',
    '/** What an operation takes. */',
    "export type Input<N extends OperationName> = Operations[N]['input']",
    '/** What an operation answers; of a stream, each item. */',
    "export type Output<N extends OperationName> = Operations[N]['output']",
    ...union('ListName', lists),
    '/** One item of a list. */',
    "export type Item<N extends ListName> = Output<N>['items'][number]",
    ...union('StreamName', streams),
    `export type RefusalCode =\n${Object.keys(refusals)
      .map((code) => `  | '${code}'`)
      .join('\n')}`,
    '',
    "export const operationKinds: Readonly<Record<OperationName, 'query' | 'mutation' | 'subscription'>> = {",
    ...described.map(({ name }) => `  '${name}': '${operations[name].kind}',`),
    '}',
    '',
  ].join('\n')
}

const union = (name: string, members: readonly DescribedOperation[]): readonly string[] => [
  `export type ${name} =`,
  ...members.map((member) => `  | '${member.name}'`),
]
