import { createHmac } from 'node:crypto'
import { alertKindText, type AlertSeverity } from '@gatehouse/contract'
import { durationText, exactTime, secondsOfUnitIn, withoutUnit } from '@gatehouse/kit'
import { aboutText, type AlertMessage } from './message.ts'

/** One message as it goes over HTTP. */
export interface HttpForm {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const common = { 'content-type': 'application/json', 'user-agent': 'Gatehouse' } as const

/** Standard Webhooks 1.0.0: an event with its type and time, signed with the id and the time of this try. */
export function webhookForm(
  message: AlertMessage,
  { secret, now }: { readonly secret: string; readonly now: Date },
): HttpForm {
  const body = JSON.stringify({ type: message.type, timestamp: message.lastAt.toISOString(), data: dataOf(message) })
  const seconds = Math.floor(now.getTime() / 1000)
  return {
    headers: {
      ...common,
      'webhook-id': message.id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': webhookSignature({ secret, id: message.id, seconds, body }),
    },
    body,
  }
}

/** What is signed, and by what. */
export interface SignedWebhook {
  readonly secret: string
  readonly id: string
  readonly seconds: number
  readonly body: string
}

/** The signature of the specification: HMAC-SHA-256 under the secret's bytes, of id, time and body. */
export function webhookSignature({ secret, id, seconds, body }: SignedWebhook): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

const dataOf = (message: AlertMessage) => ({
  id: message.alertId,
  kind: message.kind,
  severity: message.severity,
  title: message.title,
  advice: message.advice,
  about: message.about,
  facts: Object.fromEntries(message.facts.map(({ name, value }) => [name, value])),
  count: message.count,
  firstAt: message.at.toISOString(),
  lastAt: message.lastAt.toISOString(),
  url: message.url,
})

/** Slack's incoming webhooks, and what speaks like them (Mattermost, Rocket.Chat): a text in mrkdwn. */
export const slackForm = (message: AlertMessage): HttpForm => ({
  headers: common,
  body: JSON.stringify({
    text: [
      `*[${message.severity}] ${slackText(message.title)}*`,
      slackText(aboutText(message.about)) + timesText(message),
      ...message.facts.map((fact) => `• ${slackText(factText(fact))}`),
      slackText(message.advice),
      `<${message.url}|Open in Gatehouse>`,
    ].join('\n'),
  }),
})

/** The three characters that mean something to Slack; what is written in an alert is no mention and no link. */
const slackText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_~`]/g, '\u200b$&')

/** PagerDuty's names for how bad it is. */
const pagerdutySeverity: Readonly<Record<AlertSeverity, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
}
/** Longer summaries are cut off there. */
const summaryCharactersMax = 1024

/** PagerDuty Events API v2. The alert's id is the key by which what is told again is the same there. */
export const pagerdutyForm = (
  message: AlertMessage,
  { routingKey, action }: { readonly routingKey: string; readonly action: 'trigger' | 'resolve' },
): HttpForm => ({
  headers: common,
  body: JSON.stringify({
    routing_key: routingKey,
    event_action: action,
    dedup_key: `gatehouse-${message.alertId}`,
    client: 'Gatehouse',
    client_url: message.url,
    links: [{ href: message.url, text: 'Open in Gatehouse' }],
    payload: {
      summary: `${message.title} (${aboutText(message.about)})`.slice(0, summaryCharactersMax),
      source: new URL(message.url).host,
      severity: pagerdutySeverity[message.severity],
      timestamp: message.lastAt.toISOString(),
      component: 'gatehouse',
      class: message.kind,
      custom_details: { ...dataOf(message).facts, advice: message.advice, count: message.count },
    },
  }),
})

/** A mail's subject and text. Plain text: nothing in it is fetched. */
export const mailForm = (message: AlertMessage): { readonly subject: string; readonly text: string } => ({
  subject: `Gatehouse [${message.severity}]: ${message.title.replace(/[.]$/, '')}`,
  text: `${[
    message.title,
    `About ${aboutText(message.about)}${timesText(message)}.`,
    message.facts.map((fact) => `  ${factText(fact)}`).join('\n'),
    `What to do: ${message.advice}`,
    `${message.url}\nor: gatehouse alert list`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`,
})

const timesText = ({ count, at }: AlertMessage): string =>
  count === 1 ? '' : `, ${count} times since ${exactTime(at)}`

/** A fact as people write it: `windowSeconds` of 300 is `window: 5 min`. */
function factText({ name, value }: AlertMessage['facts'][number]): string {
  const words = withoutUnit(name).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const unit = secondsOfUnitIn(name)
  if (unit !== null) return `${words}: ${durationText(Number(value) * unit)}`
  return `${words}: ${name === 'kind' ? alertKindText(value) : value}`
}
