import { Lexer } from 'yaml'
import type { FoundComment } from './place-comments.ts'

/** What the lexer says before it hands out the text of a scalar, in which a `#` is no comment. */
const scalarAhead = '\u001f'
const controls = new Set(['\u0002', '\u0018', scalarAhead])

/** All comments of a source. */
export const findComments = (source: string): readonly FoundComment[] => {
  const places = { lines: linesOf(source), blank: blankLines(source), source }
  const comments: FoundComment[] = []
  let offset = 0
  let isScalar = false
  for (const token of new Lexer().lex(source)) {
    if (controls.has(token)) {
      isScalar = token === scalarAhead
      continue
    }
    if (!isScalar && token.startsWith('#'))
      comments.push(commentAt(token, offset, { ...places, previous: comments.at(-1) }))
    isScalar = false
    offset += token.length
  }
  return comments
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

interface Places {
  readonly lines: ReturnType<typeof linesOf>
  readonly blank: ReadonlySet<number>
  readonly source: string
  readonly previous: FoundComment | undefined
}

const commentAt = (token: string, start: number, { lines, blank, source, previous }: Places): FoundComment => {
  const { line, column, before } = lines(start)
  const text = token.slice(1).replace(/\r$/, '')
  const end = start + text.length + 1
  const isBelowCrLf = previous?.isTrailing === false && previous.isCrLf && previous.line === line - 1
  const isCrLf = source[end] === '\r'
  const isAtEnd = end === source.length
  return {
    text,
    start,
    end,
    line,
    column,
    isTrailing: before.trim() !== '' && !/^(---|\.\.\.)\s/.test(before),
    isBehindDash: /^ *(?:-\s+)+$/.test(before),
    isCrLf,
    isBlankAbove: isBelowCrLf || blank.has(line - 1),
    isBlankBelow: isCrLf || blank.has(line + 1) || isAtEnd,
    isAtEnd: isAtEnd || (source[end] === '\n' && end + 1 === source.length),
  }
}

const blankLines = (source: string): ReadonlySet<number> =>
  new Set(source.split('\n').flatMap((line, index) => (line.trim() === '' ? [index] : [])))
