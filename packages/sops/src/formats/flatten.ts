import { SopsError } from '../sops-error.ts'
import { entry, leaf, list, map, type MapNode, type Node } from '../tree.ts'

// ENV and INI have no depth: there, metadata are one line each, `age__list_0__map_enc`.

/** Longer lists of keys are nobody's. */
const listItemsMax = 1000

/** Metadata as lines: keys and texts. What is null or empty is left out. */
export const flatten = (node: MapNode): readonly (readonly [string, string])[] =>
  node.entries.flatMap((one) => (one.kind === 'comment' ? [] : flattened(one.key, one.value)))

const flattened = (name: string, node: Node): readonly (readonly [string, string])[] => {
  if (node.kind === 'map')
    return node.entries.flatMap((one) =>
      one.kind === 'comment' ? [] : flattened(`${name}__map_${one.key}`, one.value),
    )
  if (node.kind === 'list')
    return node.items.flatMap((one, index) => (one.kind === 'comment' ? [] : flattened(`${name}__list_${index}`, one)))
  const text = textOf(node)
  return text === null ? [] : [[name, text]]
}

const textOf = (node: Node): string | null => {
  if (node.kind !== 'leaf' || node.value.type === 'null' || node.value.type === 'bytes') return null
  const { value } = node
  return 'text' in value ? value.text : String(value.value)
}

/** The metadata of such lines. */
export const unflatten = (lines: readonly (readonly [string, string])[]): MapNode => {
  if (lines.length === 0) return map([])
  return nodeOf(lines.map(([name, text]) => ({ steps: stepsOf(name), text }))) as MapNode // the first step is a key
}

interface Line {
  readonly steps: readonly (string | number)[]
  readonly text: string
}

const stepsOf = (name: string): readonly (string | number)[] => {
  const [first = '', ...rest] = name.split(/(?=__map_|__list_)/)
  return [first, ...rest.map((part) => (part.startsWith('__map_') ? part.slice(6) : indexOf(part.slice(7))))]
}

const indexOf = (digits: string): number => {
  const index = /^\d{1,4}$/.test(digits) ? Number(digits) : listItemsMax
  if (index >= listItemsMax) throw new SopsError('malformed', 'the metadata have a list with a wrong index')
  return index
}

const nodeOf = (lines: readonly Line[]): Node => {
  const ends = lines.filter(({ steps }) => steps.length === 0)
  const last = ends.at(-1) // of a name that stands twice, as in stock SOPS
  if (last !== undefined && ends.length === lines.length) return leaf({ type: 'str', text: last.text })
  if (last !== undefined) throw new SopsError('malformed', 'the metadata contradict themselves')
  const groups = new Map<string | number | undefined, Line[]>()
  for (const line of lines) groups.set(line.steps[0], [...(groups.get(line.steps[0]) ?? []), line])
  const children = [...groups].map(
    ([step, group]) => [step, nodeOf(group.map(({ steps, text }) => ({ steps: steps.slice(1), text })))] as const,
  )
  if (children.every(([step]) => typeof step === 'number'))
    return list(children.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, node]) => node))
  if (!children.every(([step]) => typeof step === 'string'))
    throw new SopsError('malformed', 'the metadata contradict themselves')
  return map(children.map(([step, node]) => entry(String(step), node)))
}
