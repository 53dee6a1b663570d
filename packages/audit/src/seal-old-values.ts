import type { Store } from '@gatehouse/database'
import type { PersonalValue } from './commitment.ts'
import { claimClearValues, insertSealed } from './seal-old-values.queries.ts'
import { parseStoredEntry } from './stored-entry.ts'
import { subjectsOfStored } from './subject.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** Entries sealed in one transaction. */
const entriesAtOnce = 500

/**
 * Seals the personal values that an older version kept in clear. In small transactions, each whole: a start that was
 * cut off goes on where it was. Two processes at once share the work. Answers how many entries it was.
 */
export async function sealOldValues(db: Store, subjectKeys: SubjectKeys): Promise<number> {
  for (let done = 0; ;) {
    const count = await sealSome(db, subjectKeys)
    if (count === 0) return done
    done += count
  }
}

async function sealSome(db: Store, subjectKeys: SubjectKeys): Promise<number> {
  const { count, keys } = await db.transaction().execute(async (tx) => {
    const entries = await claimClearValues(tx, entriesAtOnce)
    const sealed = subjectKeys.seal(
      entries.map(({ id, entry, personal }) => ({
        id,
        personal,
        ofSession: null,
        subjects: subjectsOfStored(parseStoredEntry(entry ?? '') ?? {}, nameIn(personal)),
      })),
    )
    await insertSealed(tx, sealed)
    return { count: entries.length, keys: sealed.keys }
  })
  subjectKeys.confirm(keys)
  return count
}

const nameIn = (personal: readonly PersonalValue[]): string | null =>
  personal.find(({ field }) => field === 'principal.name')?.value ?? null
