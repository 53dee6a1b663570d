/**
 * Makes something of a list: once of one that is frozen, and each time of any other. INVARIANT: what lies in a frozen
 * one does not change either; whoever freezes a list sees to that.
 */
export function madeOnce<K extends readonly unknown[], V extends object>(make: (list: K) => V): (list: K) => V {
  const known = new WeakMap<K, V>()
  return (list) => {
    if (!Object.isFrozen(list)) return make(list)
    const last = known.get(list)
    if (last !== undefined) return last
    const made = make(list)
    known.set(list, made)
    return made
  }
}
