import { shortNameMax } from '@gatehouse/database'

/** Whether a text names somebody. */
export function holdsName(text: string, name: string): boolean {
  const [within, wanted] = [text.toLowerCase(), name.toLowerCase()]
  if (wanted.length > shortNameMax) return within.includes(wanted)
  const literal = wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'u').test(within)
}
