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
