import type { AuditExportFormat } from '@gatehouse/contract'
import type { z } from 'zod'
import { cef } from './cef.ts'
import { csv } from './csv.ts'
import { ecs } from './ecs.ts'
import { lines, type ExportFormat } from './export-format.ts'
import { ocsf } from './ocsf.ts'
import { rfc5424 } from './rfc5424.ts'
import { safeJson } from './safe-json.ts'
import { splunk } from './splunk.ts'

export type ExportFormatName = z.output<typeof AuditExportFormat>

/** One JSON document: a list with an entry a line. */
const json: ExportFormat = {
  head: '[\n',
  between: ',\n',
  tail: '\n]\n',
  mediaType: 'application/json',
  row: (entry) => safeJson(entry),
}

const jsonl = lines((entry) => safeJson(entry), 'application/x-ndjson')

/** Every format by its name. */
export const exportFormats = { json, jsonl, csv, splunk, ecs, ocsf, cef, rfc5424 } as const satisfies Record<
  ExportFormatName,
  ExportFormat
>
