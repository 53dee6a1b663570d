import { decodeUuidCursor, pageOf, Refusal, type Output } from '@gatehouse/contract'
import type { Handler, HandlersOf, Permit } from '@gatehouse/enforcement'
import { callingUser, createSecondPerson, type SecondPerson } from '@gatehouse/identity'
import { DeliveryError, OutboundError } from '@gatehouse/kit/outbound'
import type { AlertHandlerDeps } from './alert-handlers.ts'
import { presentChannel, requireChannel } from './channel-calls.ts'
import { openTarget, sealTarget, shownOf, targetOf } from './channel-target.ts'
import { channelsMax, countOtherChannels, deleteChannel, insertChannel, selectChannels } from './channel.queries.ts'
import { deadLetters, dropLetters, retryLetters } from './dead-letters.ts'
import { alertsUrl } from './deliver.ts'
import { testMessage } from './message.ts'
import { answerText, sendMessage, type Sending } from './send-message.ts'
import { updateChannel } from './update-channel.ts'

/** Places that alerts are sent to. */
export function channelHandlers(deps: AlertHandlerDeps): HandlersOf<'alertChannel'> {
  const secondPerson = createSecondPerson(deps)
  return {
    'alertChannel.list': list(deps),
    'alertChannel.create': create(deps),
    'alertChannel.update': updateChannel(deps, secondPerson),
    'alertChannel.deadLetters': deadLetters(deps),
    'alertChannel.retry': retryLetters(deps),
    'alertChannel.drop': dropLetters(deps),
    'alertChannel.remove': (permit) => remove(deps, secondPerson, permit),
    'alertChannel.test': test(deps),
  }
}

const list =
  ({ db }: AlertHandlerDeps): Handler<'alertChannel.list'> =>
  async ({ input: { first, after } }) => {
    const place = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectChannels(db, { after: place, limit: first + 1 })
    return pageOf(rows.map(presentChannel), first, (channel) => [channel.createdAt, channel.id])
  }

const create =
  (deps: AlertHandlerDeps): Handler<'alertChannel.create'> =>
  async (permit) => {
    const { input } = permit
    const target = targetOf(input)
    const id = deps.random.id()
    const row = {
      id,
      name: input.name,
      kind: target.kind,
      target: sealTarget(deps.sealer, id, target),
      shown: shownOf(target),
      authority: input.authority ?? null,
      severity: input.severity,
      created_at: deps.clock.now(),
      created_by: callingUser(permit).id,
    }
    await deps.change(
      permit,
      async (tx) => {
        if (!(await insertChannel(tx, row)))
          throw new Refusal('conflict', {
            hint: `there is a channel of that name, or there are ${channelsMax} already; see alert-channel list`,
          })
      },
      () => ({ detail: { channel: id, kind: target.kind } }),
    )
    return presentChannel(await requireChannel(deps, id))
  }

/** Without a channel nobody hears of anything, so the last one goes by the word of two. */
async function remove(
  deps: AlertHandlerDeps,
  secondPerson: SecondPerson,
  permit: Permit<'alertChannel.remove'>,
): Promise<{ id: string }> {
  const channel = await requireChannel(deps, permit.input.id)
  const { id, name } = channel
  if ((await countOtherChannels(deps.db, id)) > 0) {
    await deps.change(permit, async (tx) => {
      const came = await deleteChannel(tx, { id, evenLast: false })
      if (came === 'last')
        throw new Refusal('conflict', { hint: 'the other channels were removed at this moment; call again' })
      if (came === 'missing') throw new Refusal('not-found')
    })
    return { id }
  }
  const reason = permit.input.reason ?? 'the last alert channel is removed'
  const call = {
    action: 'alertChannel.remove',
    resource: { type: 'AlertChannel', id },
    resourceName: name,
    reason,
  } as const
  await secondPerson.change(permit, call, async (tx) => {
    if ((await deleteChannel(tx, { id, evenLast: true })) === 'missing') throw new Refusal('not-found')
  })
  return { id }
}

/** Sends while somebody waits, and says what came back. Nothing is kept but the audit log's entry. */
const test =
  (deps: AlertHandlerDeps): Handler<'alertChannel.test'> =>
  async (permit) => {
    const channel = await requireChannel(deps, permit.input.id)
    const { id, kind } = channel
    await deps.change.intent(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { channel: id, kind } }),
    )
    const startedAt = performance.now()
    const sending = {
      target: openTarget(deps.sealer, id, channel.target),
      authority: channel.authority,
      message: testMessage({ id: deps.random.id(), now: deps.clock.now(), url: alertsUrl(deps.publicUrl) }),
    }
    const came = await sendTest(deps, sending)
    const milliseconds = Math.round(performance.now() - startedAt)
    await deps.change(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { channel: id, kind, delivered: came.delivered } }),
    )
    return { id, ...came, milliseconds }
  }

async function sendTest(
  deps: AlertHandlerDeps,
  sending: Sending,
): Promise<Pick<Output<'alertChannel.test'>, 'delivered' | 'answer'>> {
  try {
    return { delivered: true, answer: await sendMessage(deps, sending) }
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    const { answer, message } = error
    if (answer !== null) return { delivered: false, answer: answerText(sending.target, answer) }
    return { delivered: false, answer: isUntrusted(error) ? `${message}; ${trustStep}` : message }
  }
}

const isUntrusted = ({ cause }: DeliveryError): boolean =>
  cause instanceof OutboundError && cause.reason === 'untrusted'

const trustStep =
  'a receiver of your own is trusted by its certificate, or by that of who signed it: ' +
  '`gatehouse alert-channel update CHANNEL --authority FILE`'
