import { commitmentTo, type PersonalValue } from './commitment.ts'
import type { OpenParts } from './sealed-parts.ts'
import { sessionPart } from './subject.ts'
import type { KeptPart } from './subject-keys.queries.ts'

/** Opens the parts of several entries, and says what commits to what was in them. */
export interface OpenedOnce {
  readonly open: OpenParts
  readonly commitmentOf: (clear: PersonalValue) => string
}

/**
 * Opens for each entry what is its own, and what the entries of a session share once for all that have the very same
 * bytes under the same key; their commitments are made once as well. For a few hundred entries read together: whatever
 * was opened is kept as long as this is.
 */
export function openedOnce(open: OpenParts): OpenedOnce {
  const shared = new Map<string, PersonalValue[] | null>()
  const commitments = new Map<PersonalValue, string>()

  const openShared = (entryId: string, kept: KeptPart): PersonalValue[] | null => {
    const bytes = typeof kept.sealed === 'string' ? kept.sealed : Buffer.from(kept.sealed).toString('latin1')
    const key = `${kept.keyId} ${bytes}`
    const known = shared.get(key)
    if (known !== undefined) return known
    const values = open(entryId, [kept])
    shared.set(key, values)
    for (const clear of values ?? []) commitments.set(clear, commitmentTo(clear).c)
    return values
  }
  return {
    open: (entryId, parts) => {
      const opened = parts.map((kept) =>
        kept.part === sessionPart ? openShared(entryId, kept) : open(entryId, [kept]),
      )
      const values = opened.flatMap((some) => some ?? [])
      return opened.includes(null) ? null : values
    },
    commitmentOf: (clear) => commitments.get(clear) ?? commitmentTo(clear).c,
  }
}
