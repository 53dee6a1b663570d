import { systemId } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { uid, type Clock } from '@gatehouse/enforcement'
import type { ErasureLedger } from './erasure-ledger.ts'
import { erasePerson, type EraseDeps } from './erase-person.ts'
import { selectErasures, type ErasureRow } from './erasure.queries.ts'
import { believed, refuseUnsigned } from './line-ledger.ts'

export interface KeepErasuresDeps extends EraseDeps {
  readonly db: Store
  readonly clock: Clock
  readonly ledger: ErasureLedger
}

/**
 * Brings the ledger and the database together. What the ledger knows and the database does not was erased before a
 * backup was restored: it is erased again, and the audit log says so. What the database knows goes into the ledger.
 */
export async function keepErasures(deps: KeepErasuresDeps): Promise<{ readonly replayed: number }> {
  const lines = await deps.ledger.read()
  const inDatabase = await selectErasures(deps.db)
  const known = [...believed(lines), ...inDatabase]
  refuseUnsigned(deps.ledger, without(lines.unsigned, known))
  const lost = without(believed(lines), inDatabase)
  for (const erasure of lost) await replay(deps, erasure)
  await deps.ledger.add(without(known, lines.signed))
  return { replayed: lost.length }
}

/** Each once, though the ledger may have it twice. */
function without(all: readonly ErasureRow[], known: readonly ErasureRow[]): ErasureRow[] {
  const left = new Map(all.map((erasure) => [erasure.subject, erasure]))
  for (const { subject } of known) left.delete(subject)
  return [...left.values()]
}

const replay = (deps: KeepErasuresDeps, { subject, ...erasure }: ErasureRow): Promise<void> =>
  deps.db.transaction().execute(async (tx) => {
    const reason = 'erased before a backup was restored'
    // it had been allowed before, so no hold is asked
    const allow = (): Promise<void> => Promise.resolve()
    const { keys, mentions } = await erasePerson(deps, tx, { id: subject, reason, ...erasure, allow })
    await deps.change.event(tx, {
      name: 'audit.erasureReplayed',
      resource: uid('System', systemId),
      detail: { subject, erasedAt: erasure.erasedAt.toISOString(), keysDestroyed: keys, entriesNaming: mentions },
    })
  })
