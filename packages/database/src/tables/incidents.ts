/** An incident: its row says where it stands. */
export interface IncidentTable {
  id: string
  title: string
  kind: string
  severity: 'critical' | 'high' | 'medium' | 'low'
  state: 'detected' | 'triaged' | 'contained' | 'eradicated' | 'recovered' | 'post-mortem' | 'closed' | 'false-positive'
  description: string
  classification: string
  /** What is affected, one on each line. */
  affected: string
  /** Whose data it is about, in words. */
  data_subjects: string
  /** Functions of the NIST CSF 2.0. */
  functions: string[]
  owner_id: string | null
  /** Personal data is affected: the authority is told. */
  breach: boolean
  /** What makes two of them the same while one is open. */
  dedupe_key: string | null
  detected_at: Date
  /** When it came to its state. */
  state_since: Date
  created_at: Date
  opened_by_type: string
  opened_by: string | null
  /** When the authority was told first. */
  notified_at: Date | null
  resolution: string | null
  /** Why it was closed although something is left. */
  unfinished: string | null
  closed_at: Date | null
}
/** Something that happened in an incident, or an entry of the audit log that belongs to it. */
export interface IncidentStepTable {
  id: string
  incident_id: string
  at: Date
  kind: string
  /** The state that it came to; null: it stayed. */
  state: string | null
  text: string
  entry_id: string | null
  author_type: string
  author_id: string | null
  created_at: Date
}
/** A clock of an incident. */
export interface IncidentClockTable {
  incident_id: string
  name: string
  due_at: Date
  state: 'waiting' | 'fired' | 'met'
}
/** A piece of evidence, by its hash: its bytes lie elsewhere. */
export interface IncidentEvidenceTable {
  id: string
  incident_id: string
  name: string
  sha256: string
  size: string | null
  location: string
  description: string
  added_by: string | null
  added_at: Date
}
/** Something that is done so that it does not happen again. */
export interface IncidentActionTable {
  id: string
  incident_id: string
  what: string
  owner_id: string | null
  due_at: Date | null
  done_at: Date | null
  done_by: string | null
  created_at: Date
}
/** One version of the notice of a breach. */
export interface IncidentNoticeTable {
  id: string
  incident_id: string
  version: number
  /** JSON text. */
  parts: string
  document: string
  missing: string[]
  sent_to: string | null
  sent_at: Date | null
  written_by: string | null
  written_at: Date
}
