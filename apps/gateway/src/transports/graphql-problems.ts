import type { FieldProblem } from '@gatehouse/contract'
import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  visit,
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql'

/** At most this many are told at once, as for every other input. */
const problemsMax = 20

interface Asked {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * Where a document or its variables do not fit the schema: by the contract's field, in our words. For known callers
 * only: strangers learn no shapes.
 */
export function documentProblems(asked: Asked, errors: readonly GraphQLError[]): readonly FieldProblem[] {
  const ofVariables = asked.document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? (definition.variableDefinitions ?? []).flatMap((variable) => variableProblems(asked, variable))
      : [],
  )
  const found =
    ofVariables.length > 0 ? ofVariables : errors.slice(0, problemsMax).map((error) => placeOf(asked.document, error))
  return found.slice(0, problemsMax)
}

function variableProblems({ schema, variables }: Asked, definition: VariableDefinitionNode): FieldProblem[] {
  const type = typeFromAST(schema, definition.type)
  if (!isInputType(type)) return []
  const name = definition.variable.name.value
  const given = variables[name]
  if (given === undefined && definition.defaultValue !== undefined) return []
  if (given === undefined && !isNonNullType(type)) return []
  // an operation's whole input: its fields are known by their own names
  const prefix = isInputObjectType(getNullableType(type)) ? [] : [name]
  const problems: FieldProblem[] = []
  coerceInputValue(given, type, (path, value, error) => {
    const place = [...prefix, ...path, ...unknownField(type, path, value)]
    problems.push({ path: place.map(String).join('.') || name, message: wordsFor(type, path, { value, error }) })
  })
  return problems
}

/** The library reports a field that does not exist, or is missing, at the object around it. */
function unknownField(type: GraphQLInputType, path: readonly (string | number)[], value: unknown): readonly string[] {
  const at = getNullableType(typeAt(type, path))
  if (!isInputObjectType(at) || typeof value !== 'object' || value === null) return []
  const given = value as Readonly<Record<string, unknown>>
  const fields = at.getFields()
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key))
  const missing = Object.values(fields).find((field) => isNonNullType(field.type) && given[field.name] === undefined)
  const named = missing?.name ?? unknown
  return named === undefined ? [] : [named.replace(/[^\w$-]/gu, '?').slice(0, 64)]
}

function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType {
  return path.reduce<GraphQLInputType>((at, part) => {
    const nullable = getNullableType(at)
    if (isListType(nullable)) return nullable.ofType
    return (isInputObjectType(nullable) ? nullable.getFields()[part]?.type : undefined) ?? at
  }, type)
}

interface Misfit {
  readonly value: unknown
  readonly error: GraphQLError
}

function wordsFor(type: GraphQLInputType, path: readonly (string | number)[], { value, error }: Misfit): string {
  const at = typeAt(type, path)
  if (isNonNullType(at) && (value === null || value === undefined)) return 'required'
  const named = getNamedType(at)
  if (isEnumType(named))
    return `one of ${named
      .getValues()
      .map((one) => one.name)
      .join(', ')}`
  if (isInputObjectType(named)) return objectWords(value, error)
  return kinds[named.name] ?? 'another value; this one does not fit here'
}

const objectWords = (value: unknown, error: GraphQLError): string => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object with named fields'
  return error.message.includes('is not defined by type') ? 'there is no such field' : 'required'
}

const kinds: Readonly<Partial<Record<string, string>>> = {
  String: 'text',
  Int: 'a whole number',
  SafeInt: 'a whole number',
  Float: 'a number',
  Boolean: 'true or false',
  Facts: 'an object of facts: names with texts, whole numbers, true or false, or lists of texts',
  KmsContext: 'an object of texts: names with what they are',
  WebauthnJson: 'the JSON object that the browser made',
}

/** A mistake in the document itself: the argument or field that it is about, or line and column. */
function placeOf(document: DocumentNode, error: GraphQLError): FieldProblem {
  const [node] = error.nodes ?? []
  const path = node === undefined ? [] : argumentPath(document, node)
  const [at] = error.locations ?? []
  const where = at === undefined ? '' : ` at line ${at.line}, column ${at.column}`
  return { path: path.join('.') || 'query', message: `what the schema has; see the document${where}` }
}

/** The names of the argument and fields around a node. */
function argumentPath(document: DocumentNode, wanted: ASTNode): readonly string[] {
  const around: string[] = []
  let found: readonly string[] = []
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) around.push(node.name.value)
      if (node === wanted) found = [...around]
    },
    leave: (node) => {
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) around.pop()
    },
  })
  return found[0] === 'input' ? found.slice(1) : found
}
