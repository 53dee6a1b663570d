import type { Transaction } from '@gatehouse/database'
import type { PersonalValue } from './commitment.ts'
import type { Redaction } from './erasure.queries.ts'
import { namesAnyOf } from './naming.ts'
import {
  replaceParts,
  selectOwnParts,
  selectPartsAfter,
  type PartPlace,
  type PlacedPart,
} from './redact-texts.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { timeOfId } from './time-of-id.ts'

interface Deps {
  readonly subjectKeys: Pick<SubjectKeys, 'open' | 'sealAgain'>
}

/** A part of an entry with values that name somebody. */
export interface NamedPart extends PlacedPart {
  readonly fields: readonly string[]
  /** What stays of it. */
  readonly left: readonly PersonalValue[]
}

/** Whom to look for: by their names, and where they were found before a backup was restored. */
interface Wanted {
  readonly subject: string
  readonly clearNames: readonly string[]
  readonly redactions: readonly Redaction[]
  /** Where an earlier look ended, before nobody could write any more; null: there was none. */
  readonly from: PartPlace | null
}

/** No transaction is open for longer than this: what is older than the last entry by more was seen. */
const openMillisecondsMax = 600_000

/**
 * Looks through what entries keep sealed of what others said, and of strangers; `last` says where it ended. After such
 * a place, only what has come since is looked at, and what may have been under way then.
 */
export async function findNamed(
  { subjectKeys }: Deps,
  tx: Transaction,
  { subject, clearNames, redactions, from }: Wanted,
): Promise<{ readonly last: PartPlace | null; readonly parts: readonly NamedPart[] }> {
  const known = new Set(redactions.map((pair) => pair.join(' ')))
  const names = namesAnyOf(clearNames)
  const isNamed = (entryId: string, { field, value }: PersonalValue): boolean =>
    known.has(`${entryId} ${field}`) || (field !== 'ip' && names(value))
  const parts: NamedPart[] = []
  let last = from === null ? null : someBefore(from)
  for (;;) {
    const page = await selectPartsAfter(tx, subject, { after: last, areLocked: from !== null })
    for (const placed of page.parts) {
      const values = subjectKeys.open(placed.entryId, [placed.kept]) ?? []
      const named = values.filter((value) => isNamed(placed.entryId, value))
      if (named.length === 0) continue
      parts.push({
        ...placed,
        fields: named.map(({ field }) => field),
        left: values.filter((value) => !named.includes(value)),
      })
    }
    if (page.last === null) return { last, parts }
    last = page.last
  }
}

/** A place so far before another that whatever was written since comes after it; ids tell when they were made. */
function someBefore({ entryId }: PartPlace): PartPlace | null {
  const at = timeOfId(entryId)
  if (at === null) return null
  const hex = Math.max(0, at - openMillisecondsMax)
    .toString(16)
    .padStart(12, '0')
  return { entryId: `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`, part: '' }
}

/** Takes these values out, and leaves all others as they are. */
export const redact = ({ subjectKeys }: Deps, tx: Transaction, parts: readonly NamedPart[]): Promise<void> =>
  replaceParts(
    tx,
    parts.map(({ entryId, kept, fields, left }) => ({
      entryId,
      part: kept.part,
      fields,
      sealed: left.length === 0 ? null : subjectKeys.sealAgain(entryId, kept, left),
    })),
  )

/** Which values were taken out. */
export const redactionsOf = (parts: readonly NamedPart[]): Redaction[] =>
  parts.flatMap(({ entryId, fields }) => fields.map((field): Redaction => [entryId, field]))

/** Fields by which entries about somebody name them. */
const namingFields: ReadonlySet<string> = new Set([
  'principal.name',
  'input.username',
  'input.displayName',
  'input.email',
])

/** All names that the audit log ever knew somebody by, those of before a change and of a deleted account, too. */
export async function namesUnderKeysOf({ subjectKeys }: Deps, tx: Transaction, subject: string): Promise<string[]> {
  const parts = await selectOwnParts(tx, subject)
  const values = parts.flatMap(({ entryId, kept }) => subjectKeys.open(entryId, [kept]) ?? [])
  return [...new Set(values.filter(({ field }) => namingFields.has(field)).map(({ value }) => value))]
}
