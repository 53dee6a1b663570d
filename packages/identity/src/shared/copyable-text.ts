import type { Random } from '@gatehouse/enforcement'

/**
 * Without letters and digits that look alike: it is read from a screen and typed. 32 of them, so each stands for five
 * bits.
 */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

const groupLength = 4

/** Random text that a person can copy by hand: 20 bits to a group of four. */
export function createCopyableText(random: Random, groups: number): string {
  const letters = [...random.bytes(groups * groupLength)].map((byte) => alphabet[byte % alphabet.length] ?? '')
  return Array.from({ length: groups }, (_, group) =>
    letters.slice(group * groupLength, (group + 1) * groupLength).join(''),
  ).join('-')
}

/** The letters alone, however they were spelt: with blanks, hyphens, capitals or full-width forms. */
export const lettersOfCopyable = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{Pd}]/gu, '')
