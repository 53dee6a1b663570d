import { systemId, type EventName } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import { uid } from '@gatehouse/enforcement'
import type { AlertRow } from './alert.queries.ts'
import type { RaiseAlert } from './raised-alert.ts'

/** An event of alerts and their channels. */
export const tell = (
  { change, tx }: { readonly change: Pick<Change, 'event'>; readonly tx: Transaction },
  name: Extract<EventName, `alert${string}`>,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> => change.event(tx, { name, resource: uid('System', systemId), detail })

/** An alert that no channel took is itself an alert: it stands in the list, and is sent once a channel works again. */
export async function raiseUndelivered(
  { change, raiseAlert }: { readonly change: Pick<Change, 'event'>; readonly raiseAlert: RaiseAlert },
  tx: Transaction,
  { id, kind, facts }: Pick<AlertRow, 'id' | 'kind' | 'facts'>,
): Promise<void> {
  await tell({ change, tx }, 'alert.undelivered', { id, kind })
  if (kind === 'alert-undelivered' || kind === 'break-glass-undelivered') return
  const about = { type: 'System', id: systemId } as const
  // a drill that nobody hears of is no emergency that nobody hears of
  if (kind.startsWith('break-glass') && kind !== 'break-glass-drill') {
    const { request } = JSON.parse(facts) as { request?: string } // of an alert that was raised by its kind
    const told = { request: request ?? null, alert: id }
    await raiseAlert(tx, { kind: 'break-glass-undelivered', about, dedupeKey: id, facts: told })
    return
  }
  await raiseAlert(tx, { kind: 'alert-undelivered', about, dedupeKey: 'channels', facts: { alert: id, kind } })
}
