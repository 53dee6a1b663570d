/**
 * What a terminal, an editor or a reader of lines would obey: DEL and C1 controls, line and paragraph separators,
 * bidirectional controls, and what has no shape.
 */
const steering = [
  '\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f',
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\uffff',
].join('')

/** Those that JSON leaves as they are. */
const leftByJson = new RegExp(`[${steering}]`, 'g')
/** Those, and the controls of C0. */
const anyControl = new RegExp(`[\\u0000-\\u001f${steering}]`, 'g')

/**
 * JSON on one line and with nothing in it that steers whoever shows it; read back, it is exactly what went in. Absent
 * fields are left out.
 */
export const safeJson = (value: unknown): string => JSON.stringify(value).replace(leftByJson, escapeOf)

/**
 * Text for a format that has no way to write a control character: each stands as JSON would write it. Such a format
 * carries the exact entry as JSON beside it.
 */
export const withoutControls = (text: string): string => text.toWellFormed().replace(anyControl, escapeOf)

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
