import { operations, publicOperationNames, graphqlFieldOf, Refusal } from '@gatehouse/contract'
import { GraphQLError, Kind, parse, type DocumentNode } from 'graphql'
import { checkNesting } from './graphql-nesting.ts'
import { measureDocument } from './graphql-measure.ts'

/** Root fields of one document: each is an operation call and is counted as one. */
export const rootFieldsMax = 20
/** Deeper than any list of ours goes (connection → edges → node → member). */
const depthMax = 10
/** Aliases in the whole document. */
const aliasesMax = 40
/** Fields in the whole document, as executed: validation compares the fields of a level with one another. */
const fieldsMax = 600
/** A client writes one operation and the fragments of its screen. */
const definitionsMax = 40
/** A document is text of a person or a form, never a book. */
const tokensMax = 4000

const openFields: ReadonlySet<string> = new Set(
  publicOperationNames
    .filter((name) => operations[name].authorize.principals.includes('Anonymous'))
    .map(graphqlFieldOf),
)
const introspectionFields: ReadonlySet<string> = new Set(['__schema', '__type'])

export interface GuardFacts {
  /** Why nobody is known to ask, which says what became of a credential that was good; null: somebody is. */
  readonly unknown: Refusal | null
  readonly introspection: boolean
}

/**
 * Parses a document and refuses what is too much, or what a stranger may not even name, before any validation could
 * tell them names. Its own cost grows with the document's bytes and no faster (threat C19).
 */
export function guardDocument(source: string, facts: GuardFacts): DocumentNode {
  const document = parsed(source)
  refuseOver('operations and fragments', document.definitions.length, definitionsMax)
  const measured = measureDocument(document)
  if (measured.cyclic) throw refusal('fragments that do not spread themselves')
  refuseOver('root fields', measured.rootFields, rootFieldsMax)
  refuseOver('levels', measured.depth, depthMax)
  refuseOver('aliases', measured.aliases, aliasesMax)
  refuseOver('fields', measured.fields, fieldsMax)
  refuseNames(measured.rootNames, facts)
  return document
}

function refuseNames(names: ReadonlySet<string>, facts: GuardFacts): void {
  const named = [...names]
  if (facts.unknown !== null && named.some((name) => !openFields.has(name) && name !== '__typename'))
    throw facts.unknown
  if (named.some((name) => introspectionFields.has(name)) && !facts.introspection)
    throw new Refusal('forbidden', {
      reason: 'no-permit',
      policies: [],
      hint: 'introspection is on only in development',
    })
}

function parsed(source: string): DocumentNode {
  try {
    checkNesting(source, tokensMax)
    const document = parse(source, { maxTokens: tokensMax })
    if (
      document.definitions.some(({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION)
    )
      throw refusal('operations and fragments, no definitions of types')
    return document
  } catch (error) {
    if (error instanceof GraphQLError) throw refusal('a GraphQL document', error)
    throw error
  }
}

function refuseOver(what: string, count: number, max: number): void {
  if (count > max) throw refusal(`at most ${max} ${what} in a document`)
}

const refusal = (message: string, cause?: unknown): Refusal =>
  new Refusal('invalid-input', { fields: [{ path: 'query', message }] }, { cause })
