/**
 * A list asked for anew, with the very objects of the last one where nothing about them changed: their rows stay, and
 * with them the focus and what is being selected, wherever newer items come in above.
 */
export function keptItems<T>(before: readonly T[], now: readonly T[], key: (item: T) => string): readonly T[] {
  const known = new Map(before.map((item) => [key(item), item]))
  return now.map((item) => {
    const old = known.get(key(item))
    return old !== undefined && JSON.stringify(old) === JSON.stringify(item) ? old : item
  })
}
