import { isUuid } from '@gatehouse/kit'

/** The moment of an id, to the millisecond: 48 bits of it (RFC 9562 §5.7), so that few share these characters. */
const SHORT_CHARS = '019a1b2c-3d4e'.length

/** The ids of a column as a person reads and types them: as short as tells them apart. What is no id stays. */
export const shortIds = (cells: readonly string[]): readonly string[] => {
  const ids = [...new Set(cells.filter(isUuid))]
  let chars = SHORT_CHARS
  while (new Set(ids.map((id) => id.slice(0, chars))).size < ids.length) chars += 1
  return cells.map((cell) => (isUuid(cell) ? cell.slice(0, chars) : cell))
}

/** The beginning of an id; none of it is shorter than a day's worth of ids would share. */
const beginning =
  /^[0-9a-f]{8}(?:-(?:[0-9a-f]{1,4}(?:-(?:[0-9a-f]{1,4}(?:-(?:[0-9a-f]{1,4}(?:-[0-9a-f]{0,11})?)?)?)?)?)?)?$/

/** Whether a text is the beginning of an id and not the whole of it. */
export const isShortId = (text: string): boolean => beginning.test(text)

/** Whether a text is an id as it is given to things. */
export const isWholeId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** Whether it can hardly be anybody's name: of what has names, a short id is taken for one only in this form. */
export const isNoName = (text: string): boolean => isShortId(text) && text.length >= SHORT_CHARS

/** A text as it was copied from a table that was cut. */
export const withoutEllipsis = (text: string): string => text.replace(/…$/, '')
