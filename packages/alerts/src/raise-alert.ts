import {
  alertKinds,
  systemId,
  type AlertFacts,
  type AlertKind,
  type AlertKindData,
  type AlertSeverity,
  type ResourceType,
} from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import { uid, type Clock, type Random } from '@gatehouse/enforcement'
import { countAlert, holdLastAlert, insertAlert, tellChannels, type AlertRow } from './alert.queries.ts'
import { moreUrgent, raiseAgain } from './transitions.ts'

/** Something that a person has to look at. */
export interface AlertToRaise<K extends AlertKind = AlertKind> {
  readonly kind: K
  /** Absent: what its kind says. */
  readonly severity?: AlertSeverity
  readonly about: { readonly type: ResourceType; readonly id: string }
  /** Of two alerts of a kind with the same key within the quiet time one is told, and the other counted. */
  readonly dedupeKey: string
  /** What the contract declares for the kind, and never a secret. */
  readonly facts: AlertFacts<K>
}

/** What came of it. */
export interface RaisedAlert {
  readonly id: string
  /** How often it was raised by now. */
  readonly count: number
  /** Whether channels are told, or it was only counted. */
  readonly told: boolean
  /** Messages that wait for channels now; none: there is no channel that would take it. */
  readonly messages: number
}

/**
 * Raises an alert in the caller's transaction: the alert, one message for each channel and the entry of the audit log
 * are there exactly if what it tells of is. Nothing is sent before the commit, and nobody waits for what is sent after
 * it. May be done again with the transaction.
 */
export type RaiseAlert = <K extends AlertKind>(tx: Transaction, alert: AlertToRaise<K>) => Promise<RaisedAlert>

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
    const quietSeconds = 60 * (data.quietMinutes ?? (await deps.quietMinutes(tx)))
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
      if (raised.told) await note(deps, tx, { ...raised, kind: alert.kind, severity: raising.severity })
      return raised
    }
    throw new Error('the same alert was added and acknowledged again and again while it was raised')
  }

type Raising = Parameters<typeof insertAlert>[1] & { readonly quietSeconds: number }

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

const note = (
  { change }: RaiseDeps,
  tx: Transaction,
  { id, kind, severity, count }: Pick<RaisedAlert, 'id' | 'count'> & { kind: AlertKind; severity: AlertSeverity },
): Promise<void> =>
  change.event(tx, { name: 'alert.raised', resource: uid('System', systemId), detail: { id, kind, severity, count } })
