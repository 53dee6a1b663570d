/**
 * Text from elsewhere without anything that could steer a terminal: control, format and line-breaking characters become
 * `�`.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')

/** As `printable`, but line breaks stay: for keys and certificates that are several lines long. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/**
 * JSON with nothing in it that a terminal would obey; JSON.stringify leaves the characters from 7f to 9f as they are.
 */
export const printableJson = (value: unknown, layout: 'indented' | 'one-line' = 'indented'): string =>
  JSON.stringify(value, null, layout === 'indented' ? 2 : 0).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
