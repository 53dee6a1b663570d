import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { uid, type Clock, type Directory, type Handler } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { Change } from './change.ts'
import type { CopyRow } from './copies.queries.ts'
import { erasePerson, type EraseDeps } from './erase-person.ts'
import { isKnownSubject } from './erasure.queries.ts'
import { holdsName } from './naming.ts'
import type { KeepOutside } from './outside-ledgers.ts'
import { findHoldOver, findHoldOverEntries, lockRetention } from './retention/hold.queries.ts'
import { describeTarget, type SinkKind } from './sinks/sink-target.ts'

export interface AnonymizeDeps extends EraseDeps {
  readonly db: Store
  readonly clock: Clock
  readonly change: Change
  readonly directory: Pick<Directory<Store>, 'findUserId'>
  readonly outside: Pick<KeepOutside, 'erased'>
}

/**
 * Erases a person for good. What they did stays in the audit log, under an id that leads nowhere; the entry of the
 * erasure is what is known of it.
 */
export const anonymize =
  (deps: AnonymizeDeps): Handler<'audit.anonymize'> =>
  async (permit) => {
    const { user, reason, takeTexts } = permit.input
    const id = await requirePerson(deps, user)
    if (id === permit.principal.id)
      throw new Refusal('conflict', { hint: 'another administrator has to do this: your own session would end in it' })
    const done = await deps.change(
      permit,
      async (tx) => {
        await lockRetention(tx) // a hold is placed before this, or finds nobody any more
        refuseHeld(await findHoldOver(tx, id), 'is over entries of this person')
        const erased = await erasePerson(deps, tx, {
          id,
          reason,
          erasedAt: deps.clock.now(),
          names: [],
          redactions: [],
          allow: async (held, { entries, texts }) => {
            refuseHeld(await findHoldOverEntries(held, entries), 'is over entries in which others name this person')
            if (!takeTexts && texts > textsUnaskedMax) throw new Refusal('conflict', { hint: manyTexts(texts) })
          },
        })
        if (erased.clearNames.some((name) => holdsName(reason, name)))
          throw invalidField('reason', 'a reason that does not name the person: it stays in the audit log')
        return erased
      },
      ({ keys, mentions, copies }) => ({
        resource: uid('User', id),
        detail: { keysDestroyed: keys, entriesNaming: mentions, copies: copies.rows.length },
      }),
    )
    await deps.outside.erased(id)
    return {
      id,
      keysDestroyed: done.keys,
      entriesNaming: done.mentions,
      copies: done.copies.rows.map(presentCopy),
      moreCopies: done.copies.hasMore,
    }
  }

/**
 * Texts of others that go along without a question. Whoever is named in more of them may be called like a common word,
 * and what others meant by it cannot be brought back.
 */
export const textsUnaskedMax = 50

const manyTexts = (texts: number): string =>
  [
    `${texts} texts of others in the audit log hold one of their names, which may be a common word`,
    'look at some with `gatehouse audit search`, and ask with `--take-texts` (`takeTexts`) to take them out for good',
  ].join('; ')

function refuseHeld(hold: string | null, over: string): void {
  if (hold !== null)
    throw new Refusal('conflict', {
      hint: `the legal hold ${hold} ${over}; a day after its release they can be erased`,
    })
}

const presentCopy = (row: CopyRow): Output<'audit.anonymize'>['copies'][number] => ({
  kind: row.kind,
  id: row.id,
  name: row.name,
  // of the schema's own enum
  target: row.target === null ? null : describeTarget(row.sink_kind as SinkKind, row.target),
  format: row.format,
  by: row.by,
  at: row.at,
  writtenAnew: row.sink_kind === 'file',
})

/** Somebody with an account, by name or id, or somebody without one any more of whom the audit log still knows. */
export async function requirePerson(
  { db, directory }: Pick<AnonymizeDeps, 'db' | 'directory'>,
  reference: string,
): Promise<string> {
  const id = await directory.findUserId(db, reference)
  if (id !== null) return id
  if (isUuid(reference) && (await isKnownSubject(db, reference))) return reference
  throw new Refusal('not-found')
}
