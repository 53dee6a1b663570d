import { invalidField } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { decidedKey, type KeysDeps, type TwoPeople } from './keys-deps.ts'
import { countLeftBelow, guardKey, leftBehind, limitVersions, setPeriod } from './service/key-steps.ts'
import type { KeyRow } from './service/key.queries.ts'
import { keyNow, shown } from './show-key.ts'

type Update = Permit<'kmsKey.update'>

/** Changes what a key may do. To close versions that are still needed takes two people, who read how many are lost. */
export const updateKey =
  (deps: KeysDeps, twoPeople: TwoPeople): Handler<'kmsKey.update'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const { rotationDays, minimumVersion: minimum, deletionGuard } = permit.input
    if (rotationDays === undefined && minimum === undefined && deletionGuard === undefined)
      throw invalidField(
        'minimumVersion',
        'a period, a minimum version or a deletion guard: there is nothing to change',
      )
    const key = await keyNow(deps, id)
    const left = minimum === undefined ? 0 : await countLeftBelow(deps.db, key, minimum)
    if (minimum === undefined || left === 0) await deps.change(permit, (tx) => put(tx, id, permit.input))
    else await closeNeeded({ twoPeople, permit }, key, { minimum, left })
    return shown(deps, await keyNow(deps, id))
  }

async function put(
  tx: Transaction,
  id: string,
  { rotationDays, minimumVersion: minimum, deletionGuard }: Update['input'],
): Promise<void> {
  if (rotationDays !== undefined) await setPeriod(tx, id, rotationDays === 0 ? null : rotationDays)
  if (minimum !== undefined) await limitVersions(tx, { id, minimum })
  if (deletionGuard !== undefined) await guardKey(tx, id, deletionGuard ? 'on' : 'off')
}

interface Closing {
  readonly twoPeople: TwoPeople
  readonly permit: Update
}

/** Whoever approves reads what it does, and approves this very change: more than they read of is not lost by it. */
async function closeNeeded(
  { twoPeople, permit }: Closing,
  key: KeyRow,
  { minimum, left }: { readonly minimum: number; readonly left: number },
): Promise<void> {
  const { losing, reason, rotationDays, deletionGuard } = permit.input
  if (left > losing) throw leftBehind(left)
  if (reason === undefined) throw invalidField('reason', `why ${left} ciphertexts are lost; another Admin reads it`)
  if (rotationDays !== undefined || deletionGuard !== undefined)
    throw invalidField('minimumVersion', 'a call of its own: another Admin has to approve it')
  const said = `${key.name}: versions before ${minimum}, with up to ${losing} ciphertexts`
  const call = {
    action: 'kmsKey.update',
    resource: { type: 'KmsKey', id: `${said}; key ${key.id}` },
    resourceName: said,
    reason,
  } as const
  await twoPeople.change(permit, call, (tx) => limitVersions(tx, { id: key.id, minimum, losing }))
}
