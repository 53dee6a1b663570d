/** A view of a list that a person keeps: its name, and the query of its address. */
export interface KeptView {
  readonly name: string
  readonly query: string
}

/** More views than this nobody finds anything in. */
const viewsMax = 30

/** As long as a name of anything else that people keep. */
export const viewNameMax = 80

const isView = (value: unknown): value is KeptView =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'query' in value &&
  typeof value.query === 'string'

/** What was kept; nothing of a text that holds no views, which any program of this browser's owner may have written. */
export function viewsIn(text: string | null): readonly KeptView[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(found) ? found.filter(isView).slice(0, viewsMax) : []
  } catch {
    return []
  }
}

/** With one more, in the place of one of the same name. Null: there are too many. */
export function withView(views: readonly KeptView[], view: KeptView): readonly KeptView[] | null {
  const others = views.filter(({ name }) => name !== view.name)
  return others.length < viewsMax ? [...others, view] : null
}

/** Without the one of this name. */
export const withoutView = (views: readonly KeptView[], name: string): readonly KeptView[] =>
  views.filter((view) => view.name !== name)

/** These parameters of an address, in their order: two queries that ask the same are the same text. */
export function queryOf(search: string, names: readonly string[]): string {
  const given = new URLSearchParams(search)
  const kept = new URLSearchParams(
    names.flatMap((name) => {
      const value = given.get(name)
      return value === null || value === '' ? [] : [[name, value]]
    }),
  ).toString()
  return kept === '' ? '' : `?${kept}`
}
