import {
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What a document would cost, counted through fragments as they would be executed. */
export interface DocumentMeasure {
  readonly rootFields: number
  readonly rootNames: ReadonlySet<string>
  readonly depth: number
  readonly aliases: number
  readonly fields: number
  /** Whether a fragment spreads itself, if by way of others. */
  readonly cyclic: boolean
}

interface SetMeasure {
  /** Fields of the first level. */
  readonly level: number
  readonly depth: number
  readonly aliases: number
  readonly fields: number
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** Counts stop here: a tree of fragments doubles with each level, and a number shall stay a number. */
const countMax = 100_000

const nothing: SetMeasure = { level: 0, depth: 0, aliases: 0, fields: 0 }

/** Measures a document in one pass: each fragment is measured once, however often it is spread. */
export function measureDocument(document: DocumentNode): DocumentMeasure {
  const fragments: Fragments = new Map(
    document.definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]),
  )
  const measure = measurer(fragments)
  const operations = document.definitions.filter(isOperation)
  // fragments that no operation reaches are looked at as well: validation reads them
  const unreached = [...fragments.keys()].map((name) => measure.fragment(name))
  const whole = operations.map(({ selectionSet }) => measure.set(selectionSet)).reduce(beside, nothing)
  return {
    rootFields: whole.level,
    rootNames: namesAtRoot(operations, fragments),
    depth: Math.max(whole.depth, ...unreached.map(({ depth }) => depth)),
    aliases: whole.aliases,
    fields: Math.max(whole.fields, ...unreached.map(({ fields }) => fields)),
    cyclic: measure.isCyclic(),
  }
}

const isFragment = (node: DefinitionNode): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION
const isOperation = (node: DefinitionNode): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION

const sum = (one: number, other: number): number => Math.min(countMax, one + other)

const beside = (one: SetMeasure, other: SetMeasure): SetMeasure => ({
  level: sum(one.level, other.level),
  depth: Math.max(one.depth, other.depth),
  aliases: sum(one.aliases, other.aliases),
  fields: sum(one.fields, other.fields),
})

function measurer(fragments: Fragments) {
  const measured = new Map<string, SetMeasure>()
  const open = new Set<string>()
  let cyclic = false

  const ofFragment = (name: string): SetMeasure => {
    const known = measured.get(name)
    if (known !== undefined) return known
    const definition = fragments.get(name)
    if (definition === undefined) return nothing
    if (open.has(name)) {
      cyclic = true
      return nothing
    }
    open.add(name)
    const found = ofSet(definition.selectionSet)
    open.delete(name)
    measured.set(name, found)
    return found
  }

  const ofSelection = (selection: SelectionNode): SetMeasure => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet)
    const below = selection.selectionSet === undefined ? nothing : ofSet(selection.selectionSet)
    return {
      level: 1,
      depth: below.depth + 1,
      aliases: sum(below.aliases, selection.alias === undefined ? 0 : 1),
      fields: sum(below.fields, 1),
    }
  }

  const ofSet = (set: SelectionSetNode): SetMeasure => set.selections.map(ofSelection).reduce(beside, nothing)

  return { set: ofSet, fragment: ofFragment, isCyclic: () => cyclic }
}

/** The names of the fields that operations begin with; each fragment is looked into once. */
function namesAtRoot(operations: readonly OperationDefinitionNode[], fragments: Fragments): ReadonlySet<string> {
  const names = new Set<string>()
  const seen = new Set<string>()
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value)
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
      if (selection.kind === Kind.FRAGMENT_SPREAD && !seen.has(selection.name.value)) {
        seen.add(selection.name.value)
        collect(fragments.get(selection.name.value)?.selectionSet)
      }
    }
  }
  for (const { selectionSet } of operations) collect(selectionSet)
  return names
}
