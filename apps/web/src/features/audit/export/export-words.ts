import type { Raw } from '@gatehouse/contract'
import { numberWords } from '../facet-words.ts'

/** What an export is written in. */
export type Format = NonNullable<Raw<'audit.export'>['format']>

interface FormatFacts {
  readonly words: string
  readonly ending: string
}

/** Every format: what it is for, and how its file ends. */
export const formats: Readonly<Record<Format, FormatFacts>> = {
  json: { words: 'JSON, one document', ending: 'json' },
  jsonl: { words: 'JSON Lines, one entry per line', ending: 'jsonl' },
  csv: { words: 'CSV, for spreadsheets', ending: 'csv' },
  splunk: { words: 'Splunk events (HEC)', ending: 'splunk.json' },
  ecs: { words: 'Elastic Common Schema', ending: 'ecs.jsonl' },
  ocsf: { words: 'OCSF', ending: 'ocsf.jsonl' },
  cef: { words: 'CEF, for ArcSight and others', ending: 'cef' },
  rfc5424: { words: 'Syslog (RFC 5424)', ending: 'log' },
}

/** True for a format. */
export const isFormat = (text: string): text is Format => Object.hasOwn(formats, text)

/** The name of an export's file: what it is, when it was begun, in which format. */
export const fileNameOf = (format: Format, at: Date): string =>
  `gatehouse-audit-${at.toISOString().slice(0, 16).replace(/[:T]/g, '-')}.${formats[format].ending}`

/** The name of the signed manifest that belongs beside it. */
export const manifestNameOf = (name: string): string => `${name}.manifest`

const kilo = 1000

/** A size as people read it: `812 bytes`, `4.2 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < kilo) return `${bytes} bytes`
  const units = ['kB', 'MB', 'GB']
  const step = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / kilo ** step).toFixed(1)} ${units[step - 1]}`
}

/** How far an export is: `1,200 entries · 4.2 MB`. */
export const progressWords = ({ rows, bytes }: { rows: number; bytes: number }): string =>
  `${numberWords(rows)} ${rows === 1 ? 'entry' : 'entries'} · ${sizeWords(bytes)}`
