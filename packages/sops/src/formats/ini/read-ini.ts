import { SopsError } from '../../sops-error.ts'
import { entry, leaf, map, type Comment, type Entry, type MapNode } from '../../tree.ts'
import { text } from '../../scalar.ts'

// INI as the library of stock SOPS (ini.v1) reads it. A comment belongs to the key or section after it, or on whose
// line it stands; in the tree it comes behind its key, and first in its section.

/** What stands before the first section. */
export const defaultSection = 'DEFAULT'

const space = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`
const leadingSpace = new RegExp(`^${space}+`)
const trailingSpace = new RegExp(`${space}+$`)

/** Go's `TrimSpace`. */
export const trimmed = (line: string): string => line.replace(leadingSpace, '').replace(trailingSpace, '')

interface Key {
  readonly value: string
  readonly comment: string
}

interface Section {
  readonly name: string
  readonly comment: string
  readonly keys: Map<string, Key>
}

/** Reads all sections; the nameless one is the first, even where it is empty. */
export const readIni = (source: string): MapNode => {
  const reader = new IniReader(source.replace(/^\uFEFF/, ''))
  return map(
    reader
      .sections()
      .map(({ name, comment, keys }) => entry(name, map([...commentsOf(comment), ...[...keys].flatMap(entriesOf)]))),
  )
}

/**
 * Throws `unsupported` for a file of which less is read than stands there: of a key that is twice in a section the last
 * alone, of a value with `#` or `;` in it what stands before.
 */
export const requireAllRead = (source: string): void => {
  const lost = (what: string): never => {
    throw new SopsError('unsupported', what)
  }
  new IniReader(source.replace(/^\uFEFF/, ''), lost).sections()
}

const entriesOf = ([name, { value, comment }]: readonly [string, Key]): readonly (Comment | Entry)[] => [
  entry(name, leaf(text(value))),
  ...commentsOf(comment),
]

const commentsOf = (comment: string): readonly Comment[] =>
  comment === '' ? [] : [{ kind: 'comment', text: withoutSign(comment) }]

const withoutSign = (comment: string): string => {
  if (comment.startsWith(';')) return comment.replace(/^[; ]+/, '')
  return comment.startsWith('#') ? comment.replace(/^[# ]+/, '') : comment
}

class IniReader {
  readonly #lines: readonly string[]
  readonly #onLost: (what: string) => void
  #at = 0
  #comment = ''

  constructor(source: string, onLost: (what: string) => void = () => undefined) {
    this.#lines = source.split(/(?<=\n)/)
    this.#onLost = onLost
  }

  sections(): readonly Section[] {
    const sections: Section[] = [{ name: defaultSection, comment: '', keys: new Map() }]
    while (this.#at < this.#lines.length) {
      const line = this.#next().replace(leadingSpace, '')
      if (line === '') continue
      if (line.startsWith('#') || line.startsWith(';')) this.#comment += line
      else if (line.startsWith('[')) sections.push(this.#section(line))
      else this.#key(line, sections.at(-1)?.keys ?? new Map())
    }
    return sections
  }

  #next(): string {
    const line = this.#lines[this.#at] ?? ''
    this.#at += 1
    return line
  }

  #takeComment(): string {
    const comment = trimmed(this.#comment)
    this.#comment = ''
    return comment
  }

  #section(line: string): Section {
    const close = line.lastIndexOf(']')
    if (close < 2) throw this.#wrong('a section has no name')
    this.#addComment(line.slice(close + 1))
    return { name: line.slice(1, close), comment: this.#takeComment(), keys: new Map() }
  }

  #addComment(rest: string): void {
    const sign = rest.search(/[#;]/)
    if (sign !== -1) this.#comment += rest.slice(sign)
  }

  #key(line: string, keys: Map<string, Key>): void {
    const { name, rest } = this.#name(line)
    if (name === '' || name === '-') throw this.#wrong('a key has no name')
    const value = this.#value(rest)
    if (keys.has(name)) this.#onLost(`a section has \`${name}\` twice; SOPS would keep the last one alone`)
    keys.set(name, { value, comment: this.#takeComment() })
  }

  #name(line: string): { name: string; rest: string } {
    const quote = ['"""', '"', '`'].find((sign) => line.startsWith(sign) && (sign !== '"""' || line.length > 6)) ?? ''
    const close = quote === '' ? 0 : line.indexOf(quote, quote.length)
    if (close === -1) throw this.#wrong('a quoted key does not end')
    const delimiter = line.slice(close + quote.length).search(/[=:]/)
    if (delimiter === -1) throw this.#wrong('a line is neither a key with a value nor a comment')
    const at = close + quote.length + delimiter
    return {
      name: trimmed(quote === '' ? line.slice(0, at) : line.slice(quote.length, close)),
      rest: line.slice(at + 1),
    }
  }

  #value(rest: string): string {
    const line = rest.replace(leadingSpace, '')
    if (line === '') return ''
    const quote = ['"""', '`'].find((sign) => line.startsWith(sign) && (sign === '`' || line.length > 3))
    if (quote !== undefined) return this.#quoted(line.slice(quote.length), quote)
    const whole = trimmed(line)
    if (whole.endsWith('\\')) return this.#continued(whole.slice(0, -1))
    const sign = whole.search(/[#;]/)
    if (sign > 0 && !leadingSpace.test(whole.charAt(sign - 1)))
      this.#onLost(
        `the value at line ${this.#at} has \`${whole.charAt(sign)}\` in it, which SOPS takes for the beginning of a ` +
          'comment; write it in backticks',
      )
    if (sign !== -1) this.#comment += whole.slice(sign)
    return unquoted(sign === -1 ? whole : trimmed(whole.slice(0, sign)))
  }

  #quoted(first: string, quote: string): string {
    const close = first.lastIndexOf(quote)
    if (close !== -1) return first.slice(0, close)
    let value = first
    while (this.#at < this.#lines.length) {
      const line = this.#next()
      const end = line.lastIndexOf(quote)
      if (end !== -1) {
        this.#addComment(line.slice(end))
        return value + line.slice(0, end)
      }
      value += line
    }
    throw this.#wrong('a quoted value does not end')
  }

  #continued(first: string): string {
    let value = first
    while (this.#at < this.#lines.length) {
      const line = trimmed(this.#next())
      if (line === '') break
      value += line
      if (!value.endsWith('\\')) break
      value = value.slice(0, -1)
    }
    return value
  }

  #wrong(what: string): SopsError {
    return new SopsError('malformed', `the INI file cannot be read at line ${this.#at}: ${what}`)
  }
}

/** Quotes around all of a value are not part of it. */
const unquoted = (value: string): string => {
  const quote = value.charAt(0)
  const isQuoted = value.length >= 2 && (quote === '"' || quote === "'") && value.indexOf(quote, 1) === value.length - 1
  return isQuoted ? value.slice(1, -1) : value
}
