import { countCharacters } from '../visible-text.ts'

/** A place in a text as an editor shows it: both count from 1. */
export interface TextPlace {
  readonly line: number
  readonly character: number
}

const lineEnd = /\r\n|\r|\n/g

/** Answers where something stands in a text, by its index; a line ends at LF, CR LF or CR alone. */
export function placesOf(text: string): (index: number) => TextPlace {
  const starts = [0, ...Array.from(text.matchAll(lineEnd), ({ index, 0: end }) => index + end.length)]
  return (index) => {
    const line = countUpTo(starts, index)
    const start = starts[line - 1] ?? 0
    return { line, character: countCharacters(text.slice(start, index)) + 1 }
  }
}

/** How many of the ascending numbers are not beyond `limit`; by halves, since a file may have a million lines. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((ascending[middle] ?? Infinity) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
