import { list, map, type Comment, type Entry, type Leaf, type ListNode, type MapNode, type Node } from '../../tree.ts'
import { indentStep, scalarText } from './scalar-text.ts'

/** A longer key is no simple one in YAML's grammar: it gets a sign of its own. */
const simpleKeyBytesMax = 128

/** A map in block style, as stock SOPS writes it: lines at `indent` or deeper, comments above what they are about. */
export const emitMap = (node: MapNode, indent: number): string => {
  if (!node.entries.some(({ kind }) => kind === 'entry'))
    return `${commentsOf(node.entries, indent)}${' '.repeat(indent)}{}\n`
  return node.entries
    .map((one) => (one.kind === 'comment' ? commentLine(one, indent) : ' '.repeat(indent) + emitEntry(one, indent)))
    .join('')
}

const commentsOf = (items: readonly (Comment | Entry | Node)[], indent: number): string =>
  items.map((item) => (item.kind === 'comment' ? commentLine(item, indent) : '')).join('')

const commentLine = ({ text }: Comment, indent: number): string =>
  text
    .split('\n')
    .map((line) => `${' '.repeat(indent)}#${line}\n`)
    .join('')

/** Without the spaces before it: it may stand behind a dash. */
const emitEntry = ({ key, value }: Entry, indent: number): string => {
  const name = scalarText({ type: 'str', text: key }, { indent, isKey: true })
  const isSimple = Buffer.byteLength(key) <= simpleKeyBytesMax && !key.includes('\n')
  return (isSimple ? `${name}:` : `? ${name}\n${' '.repeat(indent)}:`) + emitValue(value, indent)
}

/** How deep what belongs to a line stands: it aligns to the step. */
export const deeper = (indent: number): number => indentStep * Math.floor((indent + indentStep) / indentStep)

const emitValue = (value: Node, indent: number): string => {
  if (value.kind === 'leaf') return leafText(value, deeper(indent))
  if (isEmpty(value)) return ` ${value.kind === 'map' ? '{}' : '[]'}\n${commentsOf(childrenOf(value), deeper(indent))}`
  return `\n${value.kind === 'map' ? emitMap(value, deeper(indent)) : emitList(value, deeper(indent))}`
}

const leafText = ({ value }: Leaf, indent: number): string => {
  const text = scalarText(value, { indent })
  return text.endsWith('\n') ? ` ${text}` : ` ${text}\n`
}

const childrenOf = (node: MapNode | ListNode): readonly (Comment | Entry | Node)[] =>
  node.kind === 'map' ? node.entries : node.items

const isEmpty = (node: MapNode | ListNode): boolean => childrenOf(node).every(({ kind }) => kind === 'comment')

const emitList = ({ items }: ListNode, indent: number): string =>
  items.map((item) => (item.kind === 'comment' ? commentLine(item, indent) : emitItem(item, indent))).join('')

/**
 * The first line of a map or a list stands behind the dash, the comments at its own head above. Those of what is its
 * first item stand above that one's dash: behind this one.
 */
const emitItem = (item: Node, indent: number): string => {
  const [inner, dash] = [indent + 2, `${' '.repeat(indent)}-`]
  if (item.kind === 'leaf') return dash + leafText(item, inner)
  if (isEmpty(item)) return dash + emitValue(item, indent)
  const first = childrenOf(item).findIndex(({ kind }) => kind !== 'comment')
  const head = commentsOf(childrenOf(item).slice(0, first), indent)
  const body =
    item.kind === 'map'
      ? emitMap(map(item.entries.slice(first)), inner)
      : emitList(list(item.items.slice(first)), inner)
  return `${head}${dash} ${body.slice(inner)}`
}
