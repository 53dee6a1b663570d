import { isOperationName, type OperationName } from '@gatehouse/contract'

/** An example as it stands on the reference page. */
export interface PageExample {
  readonly name: OperationName
  readonly way: string
  readonly text: string
}

/** Every example of a page, as a browser would copy it. */
export function examplesIn(page: string): readonly PageExample[] {
  const found = page.matchAll(/<pre data-example="(\w+)"[^>]*aria-label="(\S+) by [^"]*"\s*>\n?([^<]*)<\/pre>/g)
  return [...found].map(([, way = '', name = '', text = '']) => {
    if (!isOperationName(name)) throw new TypeError(`${name} is no operation`)
    return { name, way, text: unescaped(text) }
  })
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }

const unescaped = (text: string): string => text.replaceAll(/&\w+;/g, (entity) => entities[entity] ?? entity)
