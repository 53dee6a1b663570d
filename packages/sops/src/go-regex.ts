import { RE2JS } from 're2js'
import { SopsError } from './sops-error.ts'

/** Rules and metadata of strangers name patterns; longer ones are nobody's. */
const patternCharsMax = 1000

/**
 * A pattern in Go's syntax, looked for anywhere in a text. It takes linear time whatever it says: it may stand in a
 * stranger's file. Throws `bad-rule` for what Go would not take.
 */
export const goPattern = (pattern: string): ((text: string) => boolean) => {
  if (pattern.length > patternCharsMax)
    throw new SopsError('bad-rule', `a pattern has more than ${patternCharsMax} characters`)
  try {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matcher(text).find()
  } catch (cause) {
    throw new SopsError('bad-rule', `\`${pattern}\` is no regular expression that SOPS knows (RE2 syntax)`, { cause })
  }
}
