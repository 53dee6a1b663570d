import { Lexer } from 'yaml'
import type { FoundComment } from './place-comments.ts'

/** What the lexer says before it hands out the text of a scalar, in which a `#` is no comment. */
const scalarAhead = '\u001f'
const controls = new Set(['\u0002', '\u0018', scalarAhead])

/** All comments of a source, and the numbers of its blank lines. */
export const findComments = (source: string): { comments: readonly FoundComment[]; blank: ReadonlySet<number> } => {
  const lines = linesOf(source)
  const comments: FoundComment[] = []
  let offset = 0
  let isScalar = false
  for (const token of new Lexer().lex(source)) {
    if (controls.has(token)) {
      isScalar = token === scalarAhead
      continue
    }
    if (!isScalar && token.startsWith('#')) comments.push(commentAt(token, offset, lines))
    isScalar = false
    offset += token.length
  }
  return { comments, blank: blankLines(source) }
}

/** Where each line begins; a position's line and column follow from it. */
export const linesOf = (source: string): ((offset: number) => { line: number; column: number; before: string }) => {
  const starts = [0]
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    const line = lastAtMost(starts, offset)
    const start = starts[line] ?? 0
    return { line, column: offset - start, before: source.slice(start, offset) }
  }
}

const lastAtMost = (sorted: readonly number[], value: number): number => {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((sorted[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}

const commentAt = (token: string, start: number, lines: ReturnType<typeof linesOf>): FoundComment => {
  const { line, column, before } = lines(start)
  const text = token.slice(1).replace(/\r$/, '')
  return {
    text,
    start,
    end: start + text.length + 1,
    line,
    column,
    isTrailing: before.trim() !== '' && !/^(---|\.\.\.)\s/.test(before),
  }
}

const blankLines = (source: string): ReadonlySet<number> =>
  new Set(source.split('\n').flatMap((line, index) => (line.trim() === '' ? [index] : [])))
