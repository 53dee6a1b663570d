import { shortNameMax } from '@gatehouse/database'

/** Whether a text names somebody. */
export const holdsName = (text: string, name: string): boolean => namesAnyOf([name])(text)

/** Tells texts that name somebody, by any of their names; short ones count as words of their own, as in tables. */
export function namesAnyOf(names: readonly string[]): (text: string) => boolean {
  const wanted = names.flatMap(formsOf).filter((name) => name !== '')
  const long = wanted.filter((name) => name.length > shortNameMax)
  const short = wanted.filter((name) => name.length <= shortNameMax).map(asWord)
  return (text) => {
    const within = text.toLowerCase()
    return long.some((name) => within.includes(name)) || short.some((word) => word.test(within))
  }
}

/** As it is written, and as it stands in the JSON of a list. */
const formsOf = (name: string): string[] => [
  ...new Set([name.toLowerCase(), JSON.stringify(name.toLowerCase()).slice(1, -1)]),
]

const asWord = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u')
