/** The text of one `when` or `unless`, as somebody wrote it. */
export interface ConditionText {
  readonly whole: string
  /** What stands between an operator, outside of all brackets. */
  split(operator: '&&' | '||'): readonly string[]
}

/**
 * Finds the conditions of one policy in its text, in their order. Only for showing: what they mean is told by Cedar's
 * own reading of the policy.
 */
export function conditionTexts(policy: string): readonly ConditionText[] {
  const blocks = topLevel(policy).filter((piece): piece is Block => piece.kind === 'block')
  return blocks.map(({ text }) => conditionText(text))
}

const conditionText = (text: string): ConditionText => ({
  whole: onOneLine(text),
  split: (operator) => splitAt(text, operator),
})

/** A part of such a text. What stands in brackets as a whole is told apart within them. */
export function textWithin(part: string): ConditionText {
  const inside = /^\((.*)\)$/s.exec(part.trim())?.[1]
  const isWhole = inside !== undefined && !closesEarly(inside)
  return { whole: onOneLine(part), split: (operator) => splitAt(isWhole ? inside : part, operator) }
}

/** Whether a bracket closes in a text that did not open in it. */
function closesEarly(text: string): boolean {
  let depth = 0
  for (const [one] of text.matchAll(token)) {
    if ('([{'.includes(one)) depth += 1
    if (')]}'.includes(one)) depth -= 1
    if (depth < 0) return true
  }
  return false
}

interface Block {
  readonly kind: 'block'
  readonly text: string
}
type Piece = Block | { readonly kind: 'other'; readonly text: string }

/** Strings and comments, in which brackets and operators mean nothing. */
const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|&&|\|\||[^]/g

/** A text cut at the braces that stand in no others. */
function topLevel(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let [depth, current] = [0, '']
  for (const [one] of text.matchAll(token)) {
    if (one === '{' && depth++ === 0) {
      pieces.push({ kind: 'other', text: current })
      current = ''
      continue
    }
    if (one === '}' && --depth === 0) {
      pieces.push({ kind: 'block', text: current })
      current = ''
      continue
    }
    current += one.startsWith('//') ? '' : one
  }
  return [...pieces, { kind: 'other', text: current }]
}

function splitAt(text: string, operator: '&&' | '||'): readonly string[] {
  const parts: string[] = []
  let [depth, current] = [0, '']
  for (const [one] of text.matchAll(token)) {
    if (depth === 0 && one === operator) {
      parts.push(onOneLine(current))
      current = ''
      continue
    }
    if ('([{'.includes(one)) depth += 1
    if (')]}'.includes(one)) depth -= 1
    current += one
  }
  return [...parts, onOneLine(current)]
}

const onOneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ')
