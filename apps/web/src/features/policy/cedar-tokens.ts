/** What a piece of Cedar is; `plain` is blank space and everything that needs no colour. */
export type TokenKind = 'comment' | 'text' | 'annotation' | 'effect' | 'word' | 'entity' | 'number' | 'sign' | 'plain'

/** A piece of Cedar as it stands. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const words = new Set([
  'when',
  'unless',
  'if',
  'then',
  'else',
  'in',
  'is',
  'has',
  'like',
  'true',
  'false',
  'principal',
  'action',
  'resource',
  'context',
  // of a schema
  'entity',
  'namespace',
  'type',
  'enum',
  'appliesTo',
  'tags',
])

/**
 * The lexical parts of Cedar policies and of its schema syntax, in the order in which they are tried. What fits none of
 * them is one plain character, so a text that is no Cedar comes out whole as well.
 */
const part = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*)`,
    String.raw`(?<text>"(?:\\.|[^"\\\n])*"?)`,
    String.raw`(?<annotation>@[A-Za-z_]\w*)`,
    String.raw`(?<name>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)`,
    String.raw`(?<number>\d+)`,
    String.raw`(?<sign>::|==|!=|<=|>=|&&|\|\||[<>!+*=?\-])`,
    String.raw`(?<plain>\s+|.)`,
  ].join('|'),
  'gsu',
)

function kindOf(groups: Readonly<Record<string, string | undefined>>, follows: string): TokenKind {
  const { comment, text, annotation, name, number, sign } = groups
  if (comment !== undefined) return 'comment'
  if (text !== undefined) return 'text'
  if (annotation !== undefined) return 'annotation'
  if (number !== undefined) return 'number'
  if (sign !== undefined) return 'sign'
  if (name === undefined) return 'plain'
  if (name === 'permit' || name === 'forbid') return 'effect'
  if (follows === ':' || /^[A-Z]/.test(name)) return 'entity'
  return words.has(name) ? 'word' : 'plain'
}

/** Cedar in its pieces. INVARIANT: all texts one after the other are the text. */
export function tokensOf(source: string): readonly Token[] {
  return [...source.matchAll(part)].map((match) => {
    const [text] = match
    const end = match.index + text.length
    const follows = source.startsWith('::"', end) ? ':' : ''
    return { kind: kindOf(match.groups ?? {}, follows), text }
  })
}

/** The same by lines, without the line breaks. */
export function tokenLines(source: string): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]]
  for (const { kind, text } of tokensOf(source)) {
    for (const [index, piece] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      if (piece !== '') lines.at(-1)?.push({ kind, text: piece })
    }
  }
  return lines
}
