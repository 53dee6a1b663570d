import { escapedJson, shownLines, shownText } from '@gatehouse/kit'

/**
 * Text from elsewhere without anything that could steer a terminal or reorder a line; it becomes `�`. The rule is the
 * one that the contract refuses text by, and the web shows it by.
 */
export const printable = shownText

/** As `printable`, but line breaks stay: for keys and certificates that are several lines long. */
export const printableLines = shownLines

/** JSON with nothing in it that a terminal would obey, and which says the same to a program. */
export const printableJson = (value: unknown, layout: 'indented' | 'one-line' = 'indented'): string =>
  escapedJson(JSON.stringify(value, null, layout === 'indented' ? 2 : 0))
