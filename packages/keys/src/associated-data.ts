import { EnvelopeError } from './envelope-error.ts'

/**
 * What an envelope is bound to beside its key: it opens with the same only. None of it is secret, or in the envelope.
 */
export interface Binding {
  /** The id of the workspace that the key belongs to. */
  readonly workspace: string
  /** What the caller says of the plaintext: a map of texts, in whatever order. */
  readonly context: Readonly<Record<string, string>>
}

/** As many entries as anybody names; each costs a comparison in the sorting. */
export const contextEntriesMax = 32

/** What the strictest backend takes as a context (AWS KMS: 8,192 characters), keys and values together. */
export const contextBytesMax = 8192

/**
 * The one form of a binding: `text(workspace) ‖ u32(entries) ‖ (text(key) ‖ text(value))…`, where `text(t)` is
 * `u32(bytes of t in UTF-8) ‖ those bytes`, and entries stand in the order of their keys' bytes. Each part says its
 * length first, so that no two bindings have one form: `{ ab: 'c' }` is not `{ a: 'bc' }` (threat E7).
 */
export function associatedData({ workspace, context }: Binding): Buffer {
  const entries = Object.entries(context)
  if (entries.length > contextEntriesMax) throw new EnvelopeError('context-invalid')
  const parts = entries.map(([key, value]) => [utf8(key), utf8(value)] as const)
  const total = parts.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  if (total > contextBytesMax) throw new EnvelopeError('context-invalid')
  const sorted = parts.toSorted(([one], [other]) => Buffer.compare(one, other))
  return Buffer.concat([...text(utf8(workspace)), u32(entries.length), ...sorted.flatMap((pair) => pair.flatMap(text))])
}

/** A lone half of a character has no UTF-8: it would become the same replacement as any other, and two texts be one. */
function utf8(value: string): Buffer {
  if (!value.isWellFormed()) throw new EnvelopeError('context-invalid')
  return Buffer.from(value, 'utf8')
}

const text = (bytes: Buffer): Buffer[] => [u32(bytes.length), bytes]

/** A number in four bytes, the highest first. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
