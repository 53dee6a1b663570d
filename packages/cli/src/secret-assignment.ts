/** A key that says that its value is secret, and what stands behind it. */
const secretName = 'password|passwd|secret|token|api[_-]?key|private[_-]?key'
const assignment = new RegExp(`^[\\s"'-]*(?:export\\s+)?[\\w.-]*(?:${secretName})["']?\\s*[:=]\\s*(.+?)[\\s,;]*$`, 'i')

/** What was said of the value behind it; a `#` inside of a value has no space before it. */
const comment = /\s+(?:#|\/\/).*$/
const quoted = /^(["'])(.*)\1$/

/** Stands for a secret and is none: encrypted, a reference, a placeholder, a hash, a word or a number. */
const standsForOne = [
  /^ENC\[|^\$[{(]|^\{\{/,
  /^\$\w+$|^%\w+%$|^<.*>$/,
  /^\$[a-z0-9-]+\$/i,
  /^[*x]+$|^(?:changeme|example)/i,
  /^(?:null|none|true|false|\d+[smhd]?)$/i,
]
/** What is not in quotes may be YAML's, or a program's: a list, a map, an alias, a call, a text of several lines. */
const structure = /^[[{*&|>~]|[()]/

/** Shorter ones are words of the configuration, and no secret that anybody trusts. */
const valueCharsMin = 6

/** What a line is of: in a program a value without quotes is code, such as a type or the name of a variable. */
export type LineOf = 'configuration' | 'program'

const programEnding = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kts?|cs|rb|php|c|h|cc|cpp|hpp|swift|scala)$/i

/** What the lines of a file are of, by its name. */
export const linesOf = (file: string): LineOf => (programEnding.test(file) ? 'program' : 'configuration')

/** True for a line that gives what is called a secret a value in clear. Passphrases of several words pass. */
export function isSecretAssignment(line: string, of: LineOf): boolean {
  const value = assignment.exec(line.replace(comment, ''))?.[1] ?? ''
  const [, , inner] = quoted.exec(value) ?? []
  const text = inner ?? value
  if (value.length < valueCharsMin || /\s/.test(text) || standsForOne.some((form) => form.test(text))) return false
  return inner !== undefined || (of === 'configuration' && !structure.test(value))
}
