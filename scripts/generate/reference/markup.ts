/** Text that is HTML already. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template: text is escaped, markup is not, lists stand one after the other. */
export type Part = string | Markup | readonly Part[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)

const textOf = (part: Part): string => {
  if (part instanceof Markup) return part.text
  return typeof part === 'string' ? escaped(part) : part.map(textOf).join('')
}

/** HTML from a template: whatever is put in and is not markup is escaped, in attributes as well. */
export const html = (fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(fixed.map((text, at) => text + textOf(parts[at] ?? '')).join(''))
