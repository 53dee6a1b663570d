import { formatOneEvents, formatOneReads } from '@gatehouse/database'
import { textAt, type StoredEntry } from './stored-entry.ts'

/** The kind that an entry says it is; of one of format 1, which does not say, what the migration makes of it. */
export function storedKind(entry: StoredEntry): string {
  const said = textAt(entry, 'kind')
  if (said !== null) return said
  const [action, outcome] = [textAt(entry, 'action') ?? '', textAt(entry, 'outcome')]
  if (outcome === 'refused') return 'refusal'
  if (formatOneReads.includes(action)) return outcome === 'failed' ? 'refusal' : 'read'
  return formatOneEvents.includes(action) ? 'event' : 'change'
}
