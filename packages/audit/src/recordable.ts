/** Text that is longer says nothing more to an auditor, and an index row has a limit. */
export const textCharactersMax = 256
/** Deeper than any declared input. */
const depthMax = 16

/** JSON that both RFC 8785 and PostgreSQL's jsonb can hold. */
export type Recordable =
  | string
  | number
  | boolean
  | null
  | readonly Recordable[]
  | { readonly [key: string]: Recordable }

/**
 * Makes any value recordable: whatever somebody sends must not keep its own refusal out of the audit log. Lone
 * surrogates and NUL, which
 * canonical JSON and jsonb refuse, become U+FFFD. Throws on a `Secret`, as serialising one does.
 */
export function recordable(value: unknown, depth = 0): Recordable {
  if (depth > depthMax) return '[deeper than recorded]'
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return null
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64url')
  if (Array.isArray(value)) return value.map((item) => recordable(item, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function') return recordable(value.toJSON(), depth + 1)
  return inOrder(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [cleanName(key), recordable(item, depth + 1)]),
  )
}

/** An object of entries in the order that canonical JSON wants: what is made so need not be sorted again. */
export const inOrder = (entries: [string, Recordable][]): { readonly [key: string]: Recordable } =>
  Object.fromEntries(entries.length < 2 ? entries : entries.sort(byKey))

/** By the units of UTF-16, as RFC 8785 has it, and as JavaScript compares texts. */
const byKey = ([a]: readonly [string, Recordable], [b]: readonly [string, Recordable]): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Text without what neither format can hold. */
export const cleanText = (text: string): string =>
  text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')

/** Signs that look like those that JSON writes with a backslash; of control characters, Unicode's pictures of them. */
const [quote, backslash, controlPictures] = ['\uFF02', '\uFF3C', 0x2400]

const unescaped = (sign: string): string => {
  if (sign === '"') return quote
  if (sign === '\\') return backslash
  return sign < ' ' ? String.fromCharCode(controlPictures + sign.charCodeAt(0)) : sign
}

/**
 * A name in which nothing has to be escaped, by signs that look alike. Of two such names Node's parser may take one for
 * the other (nodejs/node#63785): after `{"a":1,"b\\":1}` it reads the second name of `{"a":1,"b\"":1}` as `b\`, and an
 * entry that is as it was written would not verify.
 */
export const cleanName = (name: string): string => {
  const clean = cleanText(name)
  const isEscaped = JSON.stringify(clean).length > clean.length + '""'.length
  return isEscaped ? Array.from(clean, unescaped).join('') : clean
}

/** Clean text of a bounded length, cut between characters. */
export const shortText = (text: string): string => {
  const clean = cleanText(text)
  return clean.length <= textCharactersMax
    ? clean
    : clean
        .slice(0, textCharactersMax)
        .toWellFormed()
        .replace(/\uFFFD$/, '')
}

/** Three bytes are what a unit of UTF-16 takes at most: short texts need not be counted. */
export const fitsBytes = (text: string, bytesMax: number): boolean =>
  text.length * 3 <= bytesMax || Buffer.byteLength(text, 'utf8') <= bytesMax
