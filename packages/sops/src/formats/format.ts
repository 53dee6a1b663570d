import type { MapNode } from '../tree.ts'

export type FormatName = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** A document that was read: its trees, and what a writer needs to put changed ones where they came from. */
export interface Parsed<Layout = unknown> {
  /** One for each YAML document; else one. */
  readonly docs: readonly MapNode[]
  readonly layout: Layout
}

/** How documents of one kind are read and written. Reading throws `malformed`. */
export interface Format<Layout = unknown> {
  readonly name: FormatName
  readPlain(bytes: Uint8Array): Parsed<Layout>
  /** The values without the metadata, and the metadata; it is null where there is none. */
  readEncrypted(bytes: Uint8Array): { readonly parsed: Parsed<Layout>; readonly metadata: MapNode | null }
  /** Writes trees that have the layout of a document that was read: what did not change stands as it stood. */
  writePlain(parsed: Parsed<Layout>): Uint8Array
  writeEncrypted(parsed: Parsed<Layout>, metadata: MapNode): Uint8Array
}

/** The reserved key of what SOPS says of a document. */
export const metadataKey = 'sops'
