/** Text whose characters each take one cell of a terminal: nearly all that is ever shown. */
const plain = /^[\u0020-\u02ff\u2010-\u2027\u2500-\u257f]*$/

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Letters that are as wide as they are high, and pictures. */
const wideScripts = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/u
const picture = /^(?:\p{Emoji_Presentation}|.\ufe0f)/u

/** Marks that stand on another letter, and what is not seen. */
const none = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

const cellsOfGrapheme = (text: string): number => {
  if (none.test(text)) return 0
  return wideScripts.test(text) || picture.test(text) ? 2 : 1
}

/** How many cells of a terminal a line of text takes. */
export const cellsOf = (text: string): number => {
  if (plain.test(text)) return text.length
  let cells = 0
  for (const { segment } of graphemes.segment(text)) cells += cellsOfGrapheme(segment)
  return cells
}

/** A text with blanks up to so many cells. */
export const padToCells = (text: string, cells: number): string => text + ' '.repeat(Math.max(0, cells - cellsOf(text)))

/** A text that takes at most so many cells: one that is cut ends in `…`, and between letters. */
export const cutToCells = (text: string, cells: number): string => {
  if (cellsOf(text) <= cells) return text
  let kept = ''
  let taken = 1 // the ellipsis
  for (const { segment } of graphemes.segment(text)) {
    taken += cellsOfGrapheme(segment)
    if (taken > cells) break
    kept += segment
  }
  return `${kept}…`
}
