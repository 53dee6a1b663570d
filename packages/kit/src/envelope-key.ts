/** The first bytes of an envelope: `GHE`, its format, its cipher and the id of its key (docs/envelope.md). */
const headBytes = 21
const headText = /^[A-Za-z0-9+/]{28}/
/** `GHE`, format 1, cipher 1. */
const known = '4748450101'

/** The id of the key that an envelope names; null: this is no envelope that we know. Nothing of it is proved. */
export function envelopeKeyId(envelope: string): string | null {
  const head = headText.exec(envelope)?.[0]
  if (head === undefined) return null
  const hex = Array.from(atob(head), (byte) => (byte.codePointAt(0) ?? 0).toString(16).padStart(2, '0')).join('')
  if (!hex.startsWith(known) || hex.length !== headBytes * 2) return null
  return hex.slice(known.length).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
