import { shownText } from '@gatehouse/kit'
import { documents, enumSpellings } from './generated/documents.ts'
import type { EnumSpellings, EnumTree, WireDocument } from './wire-document.ts'

/** An operation that the control center can call. */
export type CallName = keyof typeof documents

/** The document of an operation, seen as the plain shape that all documents share. */
export const documentOf = (name: CallName): WireDocument => documents[name]

type Spell = (enumName: string, value: string) => string

const spellings: EnumSpellings = enumSpellings
const fromGraphql: Spell = (enumName, value) => spellings[enumName]?.[value] ?? value
const toGraphql: Spell = (enumName, value) =>
  Object.entries(spellings[enumName] ?? {}).find(([, ours]) => ours === value)?.[0] ?? value

function respell(value: unknown, tree: EnumTree | string, spell: Spell): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => respell(item, tree, spell))
  if (typeof tree === 'string') return typeof value === 'string' ? spell(tree, value) : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => {
      const below = tree[field]
      return [field, below === undefined ? inner : respell(inner, below, spell)]
    }),
  )
}

/** The variables of one call: a list's page beside its filters, enums as GraphQL spells them, nothing undefined. */
export function variablesOf(name: CallName, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { list, takesInput, inputEnums } = documentOf(name)
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const isPage = ([field]: readonly [string, unknown]): boolean => list && (field === 'first' || field === 'after')
  const own = Object.fromEntries(given.filter((entry) => !isPage(entry)))
  return {
    ...Object.fromEntries(given.filter(isPage)),
    ...(takesInput ? { input: respell(own, inputEnums ?? {}, toGraphql) } : {}),
  }
}

/**
 * An answer as it may stand in a page: what reorders a line or hides in it is seen as `\ufffd`. What was stored before
 * such texts were refused is not to steer whoever reads it. Tabs and line breaks of files stay.
 */
function shownWhole(value: unknown): unknown {
  if (typeof value === 'string')
    return value
      .split(/([\t\r\n])/)
      .map(shownPart)
      .join('')
  if (Array.isArray(value)) return value.map(shownWhole)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shownWhole(inner)]))
}

const shownPart = (part: string): string => (/^[\t\r\n]$/.test(part) ? part : shownText(part))

/** Answers whose texts are hashed, or saved as they are, and never shown: a changed character would make them false. */
const verbatim: ReadonlySet<CallName> = new Set(['audit.proof', 'audit.exportStream'])

interface Connection {
  readonly edges: readonly { readonly node: unknown }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/**
 * A root field's answer in the contract's words: connections become `{ items, nextCursor }`, enums the contract's
 * values.
 */
export function answerOf(name: CallName, data: unknown): unknown {
  const { list, outputEnums } = documentOf(name)
  if (verbatim.has(name)) return respell(data, outputEnums ?? {}, fromGraphql)
  if (!list) return shownWhole(respell(data, outputEnums ?? {}, fromGraphql))
  const { edges, pageInfo } = data as Connection // the document selects exactly this
  return {
    items: edges.map(({ node }) => shownWhole(respell(node, outputEnums ?? {}, fromGraphql))),
    nextCursor: pageInfo.hasNextPage ? pageInfo.endCursor : null,
  }
}

/** The same, backwards: what a server would send. The gallery's stand-in answers by it. */
export function wireAnswerOf(name: CallName, answer: unknown): unknown {
  const { list, outputEnums } = documentOf(name)
  if (!list) return respell(answer, outputEnums ?? {}, toGraphql)
  // the contract's page
  const { items, nextCursor } = answer as { items: readonly unknown[]; nextCursor: string | null }
  return {
    edges: items.map((item) => ({ node: respell(item, outputEnums ?? {}, toGraphql), cursor: '' })),
    pageInfo: { hasNextPage: nextCursor !== null, endCursor: nextCursor },
  }
}
