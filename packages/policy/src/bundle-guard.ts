import type { NoteVerifier } from '@gatehouse/audit/verify'
import type { Store } from '@gatehouse/database'
import { exactTime } from '@gatehouse/kit'
import { checkBundle, type GoodBundle } from './bundle.ts'
import { selectFilesAfter } from './policy-change.queries.ts'
import { PolicyError } from './policy-problem.ts'
import { filesOf, type PolicySource } from './policy-source.ts'

/** Takes only what was signed, where keys are configured; without any it takes everything. */
export interface BundleGuard {
  /** Who signed it; null: nobody has to. Throws `PolicyError` when it is not as it was signed, or by somebody else. */
  requireSigned(source: PolicySource): GoodBundle | null
  /**
   * Refuses a bundle that was signed before one that has decided here: signed once, old policies would be good for
   * ever. Going back is what `policy.rollback` is for. Throws `PolicyError`.
   */
  requireNewest(bundle: GoodBundle | null): Promise<void>
  /** The set that was signed last of those that decided; null: none was, or none has to be. */
  newest(): Promise<{ readonly id: string; readonly version: string } | null>
}

interface Seen {
  readonly id: string
  readonly version: string
  readonly signedAt: Date
}

/** Opens it. `keys`: those of `[cedar] bundle_keys`. */
export function createBundleGuard({
  keys,
  db,
}: {
  readonly keys: readonly NoteVerifier[]
  readonly db: Store
}): BundleGuard {
  let newest: Seen | null = null
  let position = '0'
  /** Sets that decided are kept in order, so each is looked at once. */
  const learn = async (): Promise<Seen | null> => {
    if (keys.length === 0) return null
    for (const change of await selectFilesAfter(db, position)) {
      position = change.position
      const bundle = checkBundle(change.files, keys)
      if ('problems' in bundle || (newest !== null && newest.signedAt >= bundle.signedAt)) continue
      newest = { id: change.id, version: change.version, signedAt: bundle.signedAt }
    }
    return newest
  }
  /** While the database is away, what was learnt before stays. */
  const lastKnown = (): Promise<Seen | null> => learn().catch(() => newest)
  return {
    newest: lastKnown,
    requireSigned: (source) => {
      if (keys.length === 0) return null
      const bundle = checkBundle(filesOf(source), keys)
      if (!('problems' in bundle)) return bundle
      throw new PolicyError(bundle.problems.map((problem) => ({ ...problem, line: null })))
    },
    requireNewest: async (bundle) => {
      if (bundle === null) return
      const last = await lastKnown()
      if (last === null || last.signedAt <= bundle.signedAt) return
      const message =
        `were signed at ${exactTime(bundle.signedAt)}, before those that decided last ` +
        `(${exactTime(last.signedAt)}); sign them again, or go back by policy rollback`
      throw new PolicyError([{ file: 'policies', line: null, message }])
    },
  }
}
