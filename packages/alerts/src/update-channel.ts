import { createHash } from 'node:crypto'
import { invalidField, Refusal, type AlertSeverity, type Input, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import type { SecondPerson } from '@gatehouse/identity'
import type { AlertHandlerDeps } from './alert-handlers.ts'
import { presentChannel, requireChannel } from './channel-calls.ts'
import { isMoved, openTarget, sealTarget, shownOf, targetAfter, type ChannelTarget } from './channel-target.ts'
import { changeChannel, countOtherChannels, holdChannels, type ChannelState } from './channel.queries.ts'
import { isAtLeast } from './transitions.ts'

type Change = Input<'alertChannel.update'>
type UpdatePermit = Permit<'alertChannel.update'>

/** A change of a channel: what it becomes, and what of that lets it say less. */
interface Planned {
  readonly before: ChannelState
  readonly target: ChannelTarget | null
  /** In words for who approves it; none: it says no less than before, to nobody else. */
  readonly silencing: readonly string[]
}

/**
 * Changes a channel. What would silence the last one goes by the word of two, as its removal does: switching it off,
 * moving it elsewhere, letting it take less.
 */
export const updateChannel =
  (deps: AlertHandlerDeps, secondPerson: SecondPerson): Handler<'alertChannel.update'> =>
  async (permit) => {
    const { input } = permit
    const { id, reason, ...changes } = input
    if (Object.values(changes).every((value) => value === undefined))
      throw invalidField('name', 'something to change: name, severity, where it is, or whether it is on')
    if (input.systemAuthority === true && input.authority !== undefined)
      throw invalidField('authority', 'nothing, where the system’s certificates are trusted')
    const planned = plan(deps, await requireChannel(deps, id), input)
    if (planned.silencing.length === 0 || (await countOtherChannels(deps.db, planned.before.id)) > 0)
      return byOne(deps, permit)
    const said = `${planned.before.name}: ${planned.silencing.join(', ')}`
    const call = {
      action: 'alertChannel.update',
      // the approver reads what it does, and approves this very change, down to the secrets that nobody is shown
      resource: { type: 'AlertChannel', id: `${said}; change ${hashOf(planned.before.id, input)}` },
      resourceName: said,
      reason: reason ?? 'the last alert channel is changed',
    } as const
    await secondPerson.change(permit, call, (tx) => write(deps, tx, { input, evenLast: true }))
    return presentChannel(await requireChannel(deps, id))
  }

async function byOne(deps: AlertHandlerDeps, permit: UpdatePermit): Promise<Output<'alertChannel.update'>> {
  const { input } = permit
  await deps.change(
    permit,
    (tx) => write(deps, tx, { input, evenLast: false }),
    ({ before }) => ({ detail: { channel: before.id, kind: before.kind } }),
  )
  return presentChannel(await requireChannel(deps, input.id))
}

/** Writes it, from the row as it is now: another may have changed it, or the other channels, since it was looked at. */
async function write(
  deps: AlertHandlerDeps,
  tx: Transaction,
  { input, evenLast }: { readonly input: Change; readonly evenLast: boolean },
): Promise<Planned> {
  await holdChannels(tx)
  const planned = plan(deps, await requireChannel({ db: tx }, input.id), input)
  const { before, target, silencing } = planned
  if (!evenLast && silencing.length > 0 && (await countOtherChannels(tx, before.id)) === 0)
    throw new Refusal('conflict', { hint: 'the other channels were removed at this moment; call again' })
  const written = await changeChannel(tx, {
    id: before.id,
    name: input.name ?? null,
    severity: input.severity ?? null,
    disabledAt: disabledAtOf(input, deps.clock.now()),
    target: target === null ? null : { sealed: sealTarget(deps.sealer, before.id, target), shown: shownOf(target) },
    authority: input.systemAuthority === true ? 'system' : (input.authority ?? null),
    now: deps.clock.now(),
  })
  if (!written) throw new Refusal('conflict', { hint: 'there is a channel of that name; see alert-channel list' })
  return planned
}

function disabledAtOf({ disabled }: Change, now: Date): Date | 'on' | null {
  if (disabled === undefined) return null
  return disabled ? now : 'on'
}

function plan({ sealer }: AlertHandlerDeps, before: ChannelState, input: Change): Planned {
  const known = openTarget(sealer, before.id, before.target)
  const target = targetAfter(known, input)
  // what is off says nothing, so it cannot say less
  if (before.disabled_at !== null) return { before, target, silencing: [] }
  const silencing = [
    ...(input.disabled === true ? ['switched off'] : []),
    ...(isNarrower(before.severity, input.severity) ? [`only ${input.severity} alerts`] : []),
    ...(target !== null && isMoved(known, target) ? [`sent to ${shownOf(target)}`] : []),
  ]
  return { before, target, silencing }
}

const isNarrower = (before: AlertSeverity, after: AlertSeverity | undefined): boolean =>
  after !== undefined && after !== before && isAtLeast(after, before)

/** All that is changed, in one order, by its SHA-256: two changes have one only if they are the same. */
function hashOf(channelId: string, change: Change): string {
  const { mail, webhook, slack, pagerduty, ...plain } = change
  const places = [
    mail?.to ?? null,
    webhook?.url?.expose() ?? null,
    webhook?.secret?.expose() ?? null,
    slack?.url.expose() ?? null,
    pagerduty?.routingKey.expose() ?? null,
    pagerduty?.url?.expose() ?? null,
  ]
  const { name, severity, disabled, authority, systemAuthority } = plain
  const texts = [name, severity, disabled, authority, systemAuthority].map((value) => value ?? null)
  const parts = [channelId, texts, places]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
