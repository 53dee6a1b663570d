import { allCommands } from '@gatehouse/cli'
import {
  commonRefusals,
  graphqlFieldOf,
  operationNames,
  operations,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import { z } from 'zod'
import { cell, kebab, markdownNotice, type GeneratedFile } from './generated-file.ts'

/** Every operation with all its names: what the contract declares, for people. */
export function operationsDocument(): GeneratedFile {
  const shown = operationNames.filter((name) => operations[name].internal !== true)
  const internal = operationNames.filter((name) => operations[name].internal === true)
  const text = [
    markdownNotice('packages/contract'),
    '# Operations',
    '',
    'One name is a GraphQL field, a tRPC procedure, a command, a Cedar action and an audit action. Who may ' +
      'call is decided by the policies: [who may do what](../policies/matrix.md).',
    '',
    'Assurance is a floor: `none` < `pw` (a session) < `mfa` (a session with two factors) < `su` (the second ' +
      'factor proved in the last minutes). Policies may only raise it.',
    '',
    `Any operation may refuse with ${commonRefusals.map((code) => `\`${code}\``).join(', ')}; each one below ` +
      'names what it adds. All refusals: [failure modes](failure-modes.md).',
    '',
    ...nounsOf(shown).flatMap(([noun, names]) => [`## ${noun}`, '', ...names.flatMap(sectionOf)]),
    '## Internal',
    '',
    'What the worker does by itself. No transport shows these.',
    '',
    ...internal.flatMap(sectionOf),
  ].join('\n')
  return { path: 'docs/operations.md', text }
}

/** Operations by their noun, in the order of their declaration. */
export const nounsOf = (names: readonly OperationName[]): [string, OperationName[]][] =>
  Object.entries(Object.groupBy(names, (name) => name.split('.')[0] ?? name)).map(([noun, own]) => [noun, own ?? []])

function sectionOf(name: OperationName): string[] {
  const operation = operations[name]
  const { authorize, groups, refusals } = operation
  return [
    `### ${name}`,
    '',
    operation.summary,
    '',
    '| | |',
    '|---|---|',
    ...namesOf(name, operation),
    `| assurance | ${operation.assurance} |`,
    `| principals | ${authorize.principals.join(', ')} |`,
    `| decided on | ${decidedOn(operation)} |`,
    ...(groups.length === 0 ? [] : [`| groups | ${groups.join(', ')} |`]),
    ...(refusals.length === 0 ? [] : [`| refuses also with | ${refusals.map((code) => `\`${code}\``).join(', ')} |`]),
    ...(operation.audit.omit.length === 0 ? [] : [`| never recorded | ${operation.audit.omit.join(', ')} |`]),
    '',
    ...inputTable(operation),
  ]
}

function namesOf(name: OperationName, operation: Operation): string[] {
  if (operation.internal === true) return []
  return [
    `| GraphQL | \`${operation.kind} { ${graphqlFieldOf(name)} }\` |`,
    `| tRPC | \`${name}\` (${operation.kind}) |`,
    `| command | ${commandOf(name, operation)} |`,
    ...(operation.command?.aliases === undefined
      ? []
      : [`| also | ${operation.command.aliases.map((alias) => `\`gatehouse ${alias}\``).join(', ')} |`]),
  ]
}

function commandOf(name: OperationName, { command }: Operation): string {
  if (command?.hidden === true) return writtenByHand(name)
  const words = `gatehouse ${name.split('.').map(kebab).join(' ')}`
  const examples = command?.examples ?? ['']
  return examples.map((example) => `\`${cell(`${words} ${example}`.trim())}\``).join('<br>')
}

/** A step of a command that is more than one call; what no command calls is a ceremony that only a browser can hold. */
function writtenByHand(name: OperationName): string {
  const covering = allCommands()
    .filter(({ covers }) => covers.includes(name))
    .map(({ words }) => `\`gatehouse ${words.join(' ')}\``)
  return covering.length === 0
    ? "none: a browser's ceremony; `gatehouse auth login` and `gatehouse mfa webauthn register` open the browser"
    : `part of ${covering.join(', ')}`
}

/** What kind of thing policies are asked about. */
export function decidedOn({ authorize, list }: Operation): string {
  if (authorize.id === undefined && authorize.resource === 'Workspace')
    return list === undefined ? 'each Workspace' : 'each Workspace; the list holds what is allowed'
  return authorize.resource
}

/** A field as JSON Schema tells it. */
interface JsonField {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonField[]
  readonly items?: JsonField
  readonly default?: unknown
  readonly $ref?: string
}

interface JsonObject {
  readonly properties?: Readonly<Record<string, JsonField>>
  readonly required?: readonly string[]
  readonly $defs?: Readonly<Record<string, JsonField>>
}

function inputTable({ input, list }: Operation): string[] {
  // what a caller sends, before codecs and defaults: JSON Schema of an object
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonObject
  const fields = Object.entries(schema.properties ?? {}).filter(
    ([name]) => list === undefined || !['first', 'after'].includes(name),
  )
  const paged = list === undefined ? [] : ['Pages: `first` (1 to 200, default 50) and `after` (a cursor).', '']
  if (fields.length === 0) return paged
  return [
    '| input | type | |',
    '|---|---|---|',
    ...fields.map(
      ([name, field]) =>
        `| ${name} | ${cell(typeOf(field, schema.$defs ?? {}))} | ` +
        `${schema.required?.includes(name) === true ? 'required' : defaultOf(field)} |`,
    ),
    '',
    ...paged,
  ]
}

/** Types whose shape says less than their name. */
const words: Readonly<Record<string, string>> = { SecretText: 'secret text', Instant: 'time, RFC 3339' }

type Definitions = Readonly<Record<string, JsonField>>

function typeOf(field: JsonField, definitions: Definitions): string {
  if (field.$ref !== undefined) {
    const name = field.$ref.replace('#/$defs/', '')
    return words[name] ?? typeOf(definitions[name] ?? {}, definitions)
  }
  if (field.enum !== undefined) return field.enum.map(String).join(' | ')
  if (field.type === 'array') return `list of ${typeOf(field.items ?? {}, definitions)}`
  if (field.anyOf !== undefined) return [...new Set(field.anyOf.map((one) => typeOf(one, definitions)))].join(' or ')
  return field.format === undefined || field.format === 'regex' ? (field.type ?? 'any') : field.format
}

const defaultOf = (field: JsonField): string =>
  field.default === undefined ? '' : `default \`${JSON.stringify(field.default)}\``
