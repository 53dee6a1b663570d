import { begun } from '../src/export/export-progress.ts'
import { exportFormats } from '../src/export/formats.ts'
import { streamExport } from '../src/export/stream-export.ts'
import type { SearchDeps, Sight } from '../src/search.queries.ts'
import { person } from './harness.ts'

/** Somebody who sees all that `fillRecord` makes. */
export const everything: Sight = {
  principalId: '00000000-0000-4000-8000-999999999999',
  workspaces: ['default', 'staging', 'production', 'rare'],
  ownIn: [],
  everything: true,
}

/** Exports the first entries, and tells after each piece how many it has had. */
export async function exportFirst(
  deps: SearchDeps,
  { size, format }: { readonly size: number; readonly format: 'jsonl' | 'ocsf' },
  look: (rows: number) => void,
): Promise<number> {
  const source = { version: '1.0.0', host: 'gatehouse.test' }
  const search = { sight: everything, filters: {}, size }
  const reader = { principal: person({ roles: ['Admin'] }), pseudonyms: null }
  const spec = { id: 'x', search, format: exportFormats[format], source, reader, redacted: false, proofs: null }
  let rows = 0
  for await (const { progress } of streamExport(deps, spec, begun)) {
    rows = progress.rows
    look(rows)
  }
  return rows
}
