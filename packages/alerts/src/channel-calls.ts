import { Refusal, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { isUuid } from '@gatehouse/kit'
import { selectChannels, type ChannelState } from './channel.queries.ts'

/** The channel that an id names. */
export async function requireChannel({ db }: { readonly db: Store }, id: string): Promise<ChannelState> {
  const channel = isUuid(id) ? (await selectChannels(db, { after: null, limit: 1, id }))[0] : undefined
  if (channel === undefined) throw new Refusal('not-found')
  return channel
}

/** A channel as people see it: nothing by which one could send to it. */
export const presentChannel = (row: ChannelState): Output<'alertChannel.create'> => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  target: row.shown,
  severity: row.severity,
  waiting: row.waiting,
  deadLetters: row.dead,
  deliveredAt: row.delivered_at,
  failingSince: row.failing_since,
  lastError: row.last_error,
  disabledAt: row.disabled_at,
  createdAt: row.created_at,
})
