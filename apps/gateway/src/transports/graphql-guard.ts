import { operations, publicOperationNames, graphqlFieldOf, Refusal } from '@gatehouse/contract'
import {
  GraphQLError,
  Kind,
  parse,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Root fields of one document: each is an operation call and is counted as one. */
export const rootFieldsMax = 20
/** Deeper than any list of ours goes (connection → edges → node → member). */
const depthMax = 10
/** Aliases in the whole document. */
const aliasesMax = 40
/** A document is text of a person or a form, never a book. */
const tokensMax = 4000

const openFields: ReadonlySet<string> = new Set(
  publicOperationNames
    .filter((name) => operations[name].authorize.principals.includes('Anonymous'))
    .map(graphqlFieldOf),
)
const introspectionFields: ReadonlySet<string> = new Set(['__schema', '__type'])

export interface GuardFacts {
  readonly known: boolean
  readonly introspection: boolean
}

/**
 * Parses a document and refuses what is too much, or what a stranger may not even name, before any validation could
 * tell him names.
 */
export function guardDocument(source: string, facts: GuardFacts): DocumentNode {
  const document = parsed(source)
  const measured = measure(document)
  refuseOver('root fields', measured.roots.length, rootFieldsMax)
  refuseOver('levels', measured.depth, depthMax)
  refuseOver('aliases', measured.aliases, aliasesMax)
  const introspects = measured.roots.some((name) => introspectionFields.has(name))
  if (!facts.known && measured.roots.some((name) => !openFields.has(name) && name !== '__typename'))
    throw new Refusal('unauthenticated')
  if (introspects && !facts.introspection)
    throw new Refusal('forbidden', {
      reason: 'no-permit',
      policies: [],
      hint: 'introspection is on only in development',
    })
  return document
}

function parsed(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens: tokensMax })
  } catch (error) {
    if (error instanceof GraphQLError)
      throw new Refusal(
        'invalid-input',
        { fields: [{ path: 'query', message: 'a GraphQL document' }] },
        { cause: error },
      )
    throw error
  }
}

function refuseOver(what: string, count: number, max: number): void {
  if (count > max)
    throw new Refusal('invalid-input', {
      fields: [{ path: 'query', message: `at most ${max} ${what} in a document, not ${count}` }],
    })
}

interface Measured {
  readonly roots: readonly string[]
  readonly depth: number
  readonly aliases: number
}

/** Counts through fragments as they would be executed; a fragment that spreads itself counts as too deep. */
function measure(document: DocumentNode): Measured {
  const fragments = new Map(document.definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]))
  const measuredSets = document.definitions
    .filter(isOperation)
    .map((operation) => measureSet(operation.selectionSet, fragments, 0))
  return {
    roots: document.definitions
      .filter(isOperation)
      .flatMap((operation) => rootNames(operation.selectionSet, fragments, 0)),
    depth: Math.max(0, ...measuredSets.map((one) => one.depth)),
    aliases: measuredSets.reduce((sum, one) => sum + one.aliases, 0),
  }
}

const isFragment = (node: DefinitionNode): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION
const isOperation = (node: DefinitionNode): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION
type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function rootNames(set: SelectionSetNode, fragments: Fragments, level: number): string[] {
  if (level > depthMax) return []
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    const inside = insideOf(selection, fragments)
    return inside === undefined ? [] : rootNames(inside, fragments, level + 1)
  })
}

function measureSet(set: SelectionSetNode, fragments: Fragments, level: number): { depth: number; aliases: number } {
  if (level > depthMax) return { depth: level, aliases: 0 }
  const parts = set.selections.map((selection) => {
    const aliased = selection.kind === Kind.FIELD && selection.alias !== undefined ? 1 : 0
    const inside = selection.kind === Kind.FIELD ? selection.selectionSet : insideOf(selection, fragments)
    const below = inside === undefined ? { depth: level + 1, aliases: 0 } : measureSet(inside, fragments, level + 1)
    return { depth: below.depth, aliases: below.aliases + aliased }
  })
  return {
    depth: Math.max(level + 1, ...parts.map((part) => part.depth)),
    aliases: parts.reduce((sum, part) => sum + part.aliases, 0),
  }
}

function insideOf(
  selection: Exclude<SelectionNode, { kind: Kind.FIELD }>,
  fragments: Fragments,
): SelectionSetNode | undefined {
  return selection.kind === Kind.INLINE_FRAGMENT
    ? selection.selectionSet
    : fragments.get(selection.name.value)?.selectionSet
}
