import type { Clock } from '@gatehouse/enforcement'
import { MailError, type Mailer } from '@gatehouse/identity'
import { shownText } from '@gatehouse/kit'
import { DeliveryError, postDelivery, type Outbound } from '@gatehouse/kit/outbound'
import { secretsOf, type ChannelTarget } from './channel-target.ts'
import { mailForm, pagerdutyForm, slackForm, webhookForm, type HttpForm } from './message-forms.ts'
import type { AlertMessage } from './message.ts'

/** What sending needs. */
export interface SendDeps {
  readonly outbound: Outbound
  readonly clock: Clock
  /** Null: the settings name no mail server. */
  readonly mailer: Mailer | null
}

/** One message to one channel. */
export interface Sending {
  readonly target: ChannelTarget
  readonly authority: string | null
  readonly message: AlertMessage
}

/** By HTTP; the claim on a message is longer, and longer than a mail takes. */
export const sendSecondsMax = 15
/** Of what a receiver says as much is shown to who tests a channel. */
const answerCharactersMax = 400

/** Sends; answers what the receiver said, in words. Throws `DeliveryError` when it was not taken. */
export async function sendMessage(deps: SendDeps, sending: Sending): Promise<string> {
  const { target, message } = sending
  if (target.kind === 'mail') return sendMail(deps, target.to, message)
  const said = await post(deps, sending, formOf(deps, target, message))
  // what a test has opened in front of people is closed again, whether or not that is heard
  if (target.kind === 'pagerduty' && message.type === 'alert.test') {
    const { routingKey } = target
    await post(deps, sending, pagerdutyForm(message, { routingKey, action: 'resolve' })).catch(() => undefined)
  }
  return said
}

function formOf(
  { clock }: SendDeps,
  target: Exclude<ChannelTarget, { kind: 'mail' }>,
  message: AlertMessage,
): HttpForm {
  if (target.kind === 'webhook') return webhookForm(message, { secret: target.secret, now: clock.now() })
  if (target.kind === 'slack') return slackForm(message)
  return pagerdutyForm(message, { routingKey: target.routingKey, action: 'trigger' })
}

async function post({ outbound }: SendDeps, { target, authority }: Sending, form: HttpForm): Promise<string> {
  if (target.kind === 'mail') throw new TypeError('mail is not posted')
  const answer = await postDelivery({ outbound, url: target.url, authority, ...form, secondsMax: sendSecondsMax })
  return answerText(target, answer)
}

/** Status and beginning of an answer, without the secrets that a receiver may repeat. */
export function answerText(
  target: ChannelTarget,
  answer: { readonly status: number; readonly body: Uint8Array },
): string {
  const body = secretsOf(target).reduce(
    (text, secret) => text.replaceAll(secret, '[secret]'),
    Buffer.from(answer.body).toString('utf8'),
  )
  const shown = shownText(body.trim()).slice(0, answerCharactersMax)
  return shown === '' ? `status ${answer.status}` : `status ${answer.status}: ${shown}`
}

async function sendMail({ mailer }: SendDeps, to: string, message: AlertMessage): Promise<string> {
  if (mailer === null) throw new DeliveryError('later', 'no mail server is set up; see `[notify] smtp_url`')
  const answer = await mailer.send({ id: message.id, to, ...mailForm(message) }).catch((error: unknown) => {
    if (error instanceof MailError) throw new DeliveryError('later', error.message, { cause: error })
    throw error
  })
  if (answer === 'taken') return 'the mail server took it'
  throw new DeliveryError('never', 'the mail server will not take a mail to this address')
}
