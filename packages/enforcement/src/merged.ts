/** All of a union's members at once. */
export type Together<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never

/** Several answers as one. Throws where two of them answer for the same thing. */
export function merged<T extends object>(answers: readonly T[]): Together<T> {
  const all = new Map<string, unknown>()
  for (const [key, value] of answers.flatMap((one) => Object.entries(one))) {
    if (all.has(key)) throw new TypeError(`two domains answer for \`${key}\``)
    all.set(key, value)
  }
  return Object.fromEntries(all) as Together<T> // fromEntries forgets the keys, which are those of all members
}
