import { GraphQLError, Lexer, Source, TokenKind } from 'graphql'

/** The parser calls itself for each bracket: far below the depth at which the stack would end. */
const nestingMax = 64

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/**
 * Reads the tokens of a document, before anything is parsed, and throws `GraphQLError` where there are too many of them
 * or their brackets nest too deep. Costs one pass.
 */
export function checkNesting(text: string, tokensMax: number): void {
  const source = new Source(text)
  const lexer = new Lexer(source)
  let nesting = 0
  for (let tokens = 0; tokens <= tokensMax; tokens += 1) {
    const { kind, start } = lexer.advance()
    if (kind === TokenKind.EOF) return
    if (opening.has(kind)) nesting += 1
    if (closing.has(kind)) nesting -= 1
    if (nesting > nestingMax) throw new GraphQLError('brackets nest too deep', { source, positions: [start] })
  }
  throw new GraphQLError('too many tokens')
}
