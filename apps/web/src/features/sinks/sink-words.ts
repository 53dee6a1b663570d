import type { Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import { numberWords } from '../audit/facet-words.ts'

type Sink = Wire<'auditSink.list'>['items'][number]

const kindWords: Readonly<Record<Sink['kind'], string>> = {
  http: 'HTTPS',
  hec: 'Splunk collector',
  syslog: 'syslog over TLS',
  file: 'file',
  webhook: 'signed webhook',
}

/** What a sink is, in words. */
export const sinkKindWords = (kind: Sink['kind']): string => kindWords[kind]

/** How a sink stands: paused by a person, failing, or taking what comes. */
export function sinkState({ state, failingSince }: Pick<Sink, 'state' | 'failingSince'>): string {
  if (state === 'paused') return 'paused'
  return failingSince === null ? 'active' : 'failing'
}

/** What waits for a sink: `12 entries, the oldest for 3 min`. */
export function lagWords({ lagEntries, lagSeconds }: Pick<Sink, 'lagEntries' | 'lagSeconds'>): string {
  if (lagEntries === 0) return 'up to date'
  const entries = `${numberWords(lagEntries)} ${lagEntries === 1 ? 'entry waits' : 'entries wait'}`
  return lagSeconds > 0 ? `${entries}, the oldest for ${durationText(lagSeconds)}` : entries
}
