import { alertKinds, type AlertKind, type AlertKindData } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Random, Sealer } from '@gatehouse/enforcement'
import { selectUsernames } from '@gatehouse/identity'
import { DeliveryError } from '@gatehouse/kit/outbound'
import { holdAlert, tellChannels, type AlertRow, type HeldAlert } from './alert.queries.ts'
import { openTarget } from './channel-target.ts'
import type { ChannelRow } from './channel.queries.ts'
import {
  claimMessage,
  markUndelivered,
  noteDelivered,
  noteFailed,
  noteTaken,
  settleMessage,
  type ClaimedMessage,
} from './delivery.queries.ts'
import { sentFacts, type AlertMessage } from './message.ts'
import { raiseUndelivered, tell } from './raise-undelivered.ts'
import type { RaiseAlert } from './raised-alert.ts'
import { sendMessage, type SendDeps } from './send-message.ts'
import { afterTry, type Tried } from './transitions.ts'

/** What delivering needs. */
export interface DeliverDeps extends SendDeps {
  readonly db: Store
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Pick<Change, 'event'>
  readonly raiseAlert: RaiseAlert
  /** Where people find the alert. */
  readonly publicUrl: string
}

/**
 * A claim older than this is that of a process that died: longer than a mail takes (60 s) and than a post with the one
 * that closes a test (2 × 15 s).
 */
export const claimSeconds = 90
/** Each channel has been tried for some seconds: what none has taken by now needs other means. */
const triesBeforeUndelivered = 3

/**
 * Takes one message that is due, if one is, of a channel that has none on its way; answers what sends it, and says
 * whether the channel took it. The claim is committed before anything leaves, and what came of it after: whoever dies
 * in between has another send it again, under the same id. Better twice than never. `retriesDueSeconds`: so late must
 * what was tried before be; 0: whatever is due.
 */
export async function takeMessage(
  deps: DeliverDeps,
  { retriesDueSeconds }: { readonly retriesDueSeconds: number },
): Promise<(() => Promise<'taken' | 'failed'>) | null> {
  const now = deps.clock.now()
  const claimed = await claimMessage(deps.db, {
    claim: deps.random.id(),
    now,
    until: new Date(now.getTime() + claimSeconds * 1000),
    retriesDueBefore: new Date(now.getTime() - retriesDueSeconds * 1000),
  })
  if (claimed === null) return null
  return async () => {
    const tried = await tryOnce(deps, claimed)
    await settle(deps, claimed, tried)
    return tried.taken ? 'taken' : 'failed'
  }
}

async function tryOnce(deps: DeliverDeps, { id, alert, channel }: ClaimedMessage): Promise<Tried> {
  if (channel.disabled_at !== null) return { taken: false, chance: 'never', error: 'the channel is switched off' }
  try {
    const target = openTarget(deps.sealer, channel.id, channel.target)
    const message = await messageOf(deps, id, alert)
    await sendMessage(deps, { target, authority: channel.authority, message })
    return { taken: true }
  } catch (error) {
    if (error instanceof DeliveryError) return { taken: false, chance: error.chance, error: error.message }
    // no other failure may hold a message until its claim lapses, nor quote what it was sent with
    return { taken: false, chance: 'later', error: 'something went wrong here' }
  }
}

/** An alert as it leaves. */
export async function messageOf(
  { db, publicUrl }: Pick<DeliverDeps, 'db' | 'publicUrl'>,
  id: string,
  alert: AlertRow,
): Promise<AlertMessage> {
  const kind = alert.kind as AlertKind // only `raiseAlert` writes kinds, and it takes no other
  const { summary, advice }: AlertKindData = alertKinds[kind]
  const names = await selectUsernames(db, alert.about_type === 'User' ? [alert.about_id] : [])
  return {
    id,
    type: 'alert.raised',
    alertId: alert.id,
    kind,
    severity: alert.severity,
    title: summary,
    advice,
    about: { type: alert.about_type, id: alert.about_id, name: names.get(alert.about_id) ?? null },
    facts: sentFacts(kind, alert.facts),
    count: alert.count,
    at: alert.first_at,
    lastAt: alert.last_at,
    url: alertsUrl(publicUrl),
  }
}

/** The page of alerts. */
export const alertsUrl = (publicUrl: string): string => new URL('/alerts', publicUrl).href

/**
 * Nobody holds a transaction open while something is sent: this one begins after it. The alert is held before its
 * message, as whoever raises it again does: each would wait for the other else.
 */
async function settle(deps: DeliverDeps, claimed: ClaimedMessage, tried: Tried): Promise<void> {
  const now = deps.clock.now()
  const next = afterTry(claimed.attempts + 1, tried)
  const dueAt = next.state === 'waiting' ? new Date(now.getTime() + next.inSeconds * 1000) : now
  await deps.db.transaction().execute(async (tx) => {
    const { alert, channel } = claimed
    const error = next.state === 'delivered' ? null : next.error
    const held = await holdAlert(tx, alert.id)
    if (held === null || !(await settleMessage(tx, claimed, { state: next.state, error, now, dueAt }))) return
    if (next.state !== 'waiting' && isToldAgain(held, alert))
      await tellChannels(tx, { alertId: alert.id, channelId: channel.id, severity: held.severity, now })
    if (error === null) {
      if (await noteTaken(tx, channel.id, now)) await tell({ ...deps, tx }, 'alertChannel.recovered', detailOf(channel))
      return noteDelivered(tx, alert.id, now)
    }
    if (channel.disabled_at === null && (await noteFailed(tx, channel.id, { error, now })))
      await tell({ ...deps, tx }, 'alertChannel.failing', { ...detailOf(channel), error })
    if (await markUndelivered(tx, { alertId: alert.id, triesMin: triesBeforeUndelivered, now }))
      await raiseUndelivered(deps, tx, alert)
  })
}

/** What was told again while its message was on its way is not what that message said. */
const isToldAgain = (now: HeldAlert, sent: AlertRow): boolean =>
  now.severity !== sent.severity || now.told_at.getTime() !== sent.told_at.getTime()

const detailOf = ({ id, kind }: ChannelRow): Readonly<Record<string, unknown>> => ({ channel: id, kind })
