import { alertKinds, systemId, type AlertKindData } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import { uid, type Clock, type Random } from '@gatehouse/enforcement'
import {
  countAlert,
  holdLastAlert,
  insertAlert,
  isAnyChannel,
  markUnheard,
  tellChannels,
  type AlertRow,
  type NewAlert,
} from './alert.queries.ts'
import { raiseUndelivered } from './raise-undelivered.ts'
import type { AlertToRaise, RaiseAlert, RaisedAlert } from './raised-alert.ts'
import { moreUrgent, raiseAgain } from './transitions.ts'

export interface RaiseDeps {
  readonly clock: Clock
  readonly random: Random
  readonly change: Pick<Change, 'event'>
  /** How long the same thing is only counted, as the settings say, where its kind does not. */
  readonly quietMinutes: (tx: Transaction) => Promise<number>
}

/** Another transaction may add the same alert, and a third acknowledge it, between our looks; more often is a fault. */
const looksMax = 5

/** Opens it. */
export const createRaiseAlert =
  (deps: RaiseDeps): RaiseAlert =>
  async (tx, alert) => {
    const data: AlertKindData = alertKinds[alert.kind]
    const quietSeconds = 60 * (alert.quietMinutes ?? data.quietMinutes ?? (await deps.quietMinutes(tx)))
    const raising = {
      id: deps.random.id(),
      kind: alert.kind,
      severity: alert.severity ?? data.severity,
      about: alert.about,
      dedupeKey: alert.dedupeKey,
      facts: JSON.stringify(alert.facts),
      now: deps.clock.now(),
      quietSeconds,
    }
    for (let looks = 0; looks < looksMax; looks++) {
      const raised = await raiseOnce(tx, raising)
      if (raised === null) continue
      if (raised.told) await follow(deps, tx, { raised, raising })
      return raised
    }
    throw new Error('the same alert was added and acknowledged again and again while it was raised')
  }

type Raising = NewAlert & { readonly kind: AlertToRaise['kind']; readonly quietSeconds: number }

/** Null: another has just added the same, and it has to be looked at again. */
async function raiseOnce(tx: Transaction, raising: Raising): Promise<RaisedAlert | null> {
  const known = await holdLastAlert(tx, raising)
  const raised = raiseAgain(known === null ? null : knownOf(known), raising)
  if (known === null || raised === 'new') {
    if (!(await insertAlert(tx, raising))) return null
    const messages = await tellChannels(tx, { ...raising, alertId: raising.id })
    return { id: raising.id, count: 1, told: true, messages }
  }
  const { id } = known
  const [severity, told] = [moreUrgent(known.severity, raising.severity), raised === 'again'] as const
  const count = await countAlert(tx, { ...raising, id, severity, told })
  const messages = told ? await tellChannels(tx, { ...raising, alertId: id, severity }) : 0
  return { id, count, told, messages }
}

const knownOf = ({ state, severity, told_at: toldAt }: AlertRow) => ({ state, severity, toldAt })

/** The audit log has it; and an alert for which there is no channel at all is one that nobody is told of. */
async function follow(
  deps: RaiseDeps,
  tx: Transaction,
  { raised: { id, count, messages }, raising }: { readonly raised: RaisedAlert; readonly raising: Raising },
): Promise<void> {
  const { kind, severity, facts, now } = raising
  const detail = { id, kind, severity, count }
  await deps.change.event(tx, { name: 'alert.raised', resource: uid('System', systemId), detail })
  const { routine }: AlertKindData = alertKinds[kind]
  if (messages > 0 || routine === true || (await isAnyChannel(tx))) return
  await markUnheard(tx, id, now)
  await raiseUndelivered({ change: deps.change, raiseAlert: createRaiseAlert(deps) }, tx, { id, kind, facts })
}
