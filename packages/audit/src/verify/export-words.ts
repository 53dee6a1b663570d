import type { ParsedCheckpoint } from './checkpoint.ts'
import type { Witnessed } from './cosignature.ts'
import type { ExportManifest } from './export-manifest.ts'

interface Facts {
  readonly manifest: ExportManifest | null
  readonly checkpoint: ParsedCheckpoint | null
  readonly old: ParsedCheckpoint | null
  readonly problems: readonly unknown[]
  readonly witnessed: Witnessed | null
  readonly placed: number
  readonly hashed: number
}

/** What a check of an export has proved, and what it has not, in words. */
export function exportWords(facts: Facts): {
  readonly proved: readonly string[]
  readonly notProved: readonly string[]
} {
  const { manifest, problems } = facts
  if (manifest === null) return { proved: [], notProved: ['anything: nobody that this key stands for signed it'] }
  return {
    proved: problems.length > 0 ? [] : provedOf(facts, manifest),
    notProved:
      problems.length > 0 ? ['the export is not to be relied on; see the problems'] : notProvedOf(facts, manifest),
  }
}

function provedOf({ old, checkpoint, witnessed, placed, hashed }: Facts, manifest: ExportManifest): string[] {
  const { claims, rows } = manifest
  return [
    `the file is as it was signed at ${manifest.at}: ${rows} entries, none added, changed, moved or cut off since`,
    ...(checkpoint === null ? [] : [`the checkpoint of ${checkpoint.size} entries bears the audit log's signature`]),
    ...(placed === 0 ? [] : [`${placed} entries stand in that log at the places that they name`]),
    ...(hashed === 0 ? [] : [`${hashed} entries say what was logged, field by field`]),
    ...(claims?.scope === 'all' && placed === rows && rows > 0 ? ['no entry of that log is left out'] : []),
    ...(old === null ? [] : [`that log goes on from the checkpoint of ${old.size} entries that was given`]),
    ...(witnessed === null || witnessed.by.length === 0 ? [] : [seenBy(witnessed)]),
  ]
}

function seenBy({ size, by }: Witnessed): string {
  const witnesses = by.map(({ witness, time }) => `${witness} at ${at(time)}`).join(', ')
  return `the checkpoint of ${size} entries was seen by ${witnesses}`
}

/** A time that is beyond what a date can be is shown as it is. */
const at = (seconds: number): string => {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? `${seconds} s` : time.toISOString()
}

function notProvedOf({ old, checkpoint, placed, hashed }: Facts, { claims, rows }: ExportManifest): string[] {
  if (claims === null)
    return ['that the entries stand in the audit log: the export was made by an older version, without proofs']
  const isAll = claims.scope === 'all' && placed === rows
  return [
    ...(checkpoint === null ? ['that the entries stand in the audit log: it had no checkpoint yet'] : []),
    ...(placed < rows ? [`that ${rows - placed} entries stand in the audit log: their rows hold no proofs`] : []),
    ...(hashed < placed ? [`what ${placed - hashed} entries say: their text was kept back`] : []),
    ...(isAll
      ? []
      : ['that no entry is left out: the export holds what its filters and its reader’s rights let through']),
    ...(claims.filters === '{}' ? [] : [`that an entry outside of the filters ${claims.filters} does not exist`]),
    ...(claims.values === 'none' ? ['what was said of people: those values were left out'] : []),
    ...(claims.values === 'pseudonyms' ? ['who the people are: pseudonyms stand for them'] : []),
    ...(old === null ? ['that nothing was rewritten before this export: give a checkpoint that you kept'] : []),
  ]
}
