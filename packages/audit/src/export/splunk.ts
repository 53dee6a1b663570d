import { lines, type ExportFormat } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson } from './safe-json.ts'

/** Fields that are indexed: flat texts, as the collector takes them. */
const fieldsOf = (entry: ExportedEntry): Record<string, string> => ({
  action: entry.action,
  category: entry.category,
  severity: entry.severity,
  outcome: entry.outcome,
  principal: entry.principal.id,
  ...(entry.workspace === null ? {} : { workspace: entry.workspace }),
})

/** Splunk's HTTP Event Collector: a stream of objects, as `/services/collector/event` takes them. */
export const splunk: ExportFormat = lines(
  (entry, { host }) =>
    safeJson({
      time: Date.parse(entry.at) / 1000,
      host,
      source: 'gatehouse',
      sourcetype: 'gatehouse:audit',
      event: entry,
      fields: fieldsOf(entry),
    }),
  'application/json',
)
