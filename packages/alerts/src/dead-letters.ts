import { alertKinds, decodeUuidCursor, pageOf, Refusal, type AlertKind } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { AlertHandlerDeps } from './alert-handlers.ts'
import { requireChannel } from './channel-calls.ts'
import { deleteDeadLetters, reviveDeadLetters, selectDeadLetters, type DeadLetter } from './dead-letter.queries.ts'

/** What a channel would not take, newest first. */
export const deadLetters =
  ({ db }: AlertHandlerDeps): Handler<'alertChannel.deadLetters'> =>
  async ({ input: { id, first, after } }) => {
    const channel = await requireChannel({ db }, id)
    const place = { after: after === undefined ? null : decodeUuidCursor(after), limit: first + 1 }
    const rows = await selectDeadLetters(db, channel.id, place)
    return pageOf(rows.map(presentLetter), first, (letter) => [letter.at, letter.id])
  }

function presentLetter({ alert_id: alert, kind: name, ...row }: DeadLetter) {
  const kind = name as AlertKind // only `raiseAlert` writes kinds, and it takes no other
  const { id, severity, attempts, error, at } = row
  return { id, alert, kind, severity, title: alertKinds[kind].summary, attempts, error, at }
}

/** Sends them again. A message keeps its id, so that a receiver that has had it after all knows it. */
export const retryLetters =
  (deps: AlertHandlerDeps): Handler<'alertChannel.retry'> =>
  async (permit) => {
    const { id } = await requireChannel(deps, permit.input.id)
    const letter = letterOf(permit.input.letter)
    const retried = await deps.change(
      permit,
      async (tx) => {
        const count = await reviveDeadLetters(tx, { channelId: id, letter, now: deps.clock.now() })
        if (count === 'off') throw new Refusal('conflict', { hint: 'the channel is switched off; switch it on first' })
        return requireSome(count, letter)
      },
      (count) => ({ detail: { channel: id, retried: count } }),
    )
    return { id, retried }
  }

/** Gives them up for good. */
export const dropLetters =
  (deps: AlertHandlerDeps): Handler<'alertChannel.drop'> =>
  async (permit) => {
    const { id } = await requireChannel(deps, permit.input.id)
    const letter = letterOf(permit.input.letter)
    const dropped = await deps.change(
      permit,
      async (tx) => requireSome(await deleteDeadLetters(tx, { channelId: id, letter }), letter),
      (count) => ({ detail: { channel: id, dropped: count } }),
    )
    return { id, dropped }
  }

function letterOf(letter: string | undefined): string | null {
  if (letter !== undefined && !isUuid(letter)) throw new Refusal('not-found')
  return letter ?? null
}

/** Who names one learns that it is no dead letter, or that a newer message of the same alert waits already. */
function requireSome(count: number, letter: string | null): number {
  if (count > 0 || letter === null) return count
  throw new Refusal('conflict', {
    hint: 'it is no dead letter of this channel, or a newer message of its alert waits; see alert-channel dead-letters',
  })
}
