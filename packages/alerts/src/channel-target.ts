import { invalidField, type Input } from '@gatehouse/contract'
import type { Sealer, SealedPlace } from '@gatehouse/enforcement'
import { z } from 'zod'

/** Where each kind of channel is: what is sealed. */
const targets = {
  mail: z.object({ to: z.string() }),
  webhook: z.object({ url: z.string(), secret: z.string() }),
  slack: z.object({ url: z.string() }),
  pagerduty: z.object({ url: z.string(), routingKey: z.string() }),
} as const

export type ChannelKind = keyof typeof targets
export type ChannelTarget = { [K in ChannelKind]: { readonly kind: K } & z.output<(typeof targets)[K]> }[ChannelKind]

/** Events API v2, United States; the European service region has an address of its own. */
const pagerdutyUrl = 'https://events.pagerduty.com/v2/enqueue'

const kinds = Object.keys(targets) as readonly ChannelKind[] // the keys are the kinds by construction

/** The one target that somebody has given. Throws a refusal that names the field when there is none, or another. */
export function targetOf(input: Pick<Input<'alertChannel.create'>, ChannelKind | 'authority'>): ChannelTarget {
  const given = kinds.filter((kind) => input[kind] !== undefined)
  if (given.length !== 1) throw invalidField(given[1] ?? 'webhook', 'exactly one of mail, webhook, slack, pagerduty')
  const { mail, webhook, slack, pagerduty, authority } = input
  if (mail !== undefined) {
    if (authority !== undefined)
      throw invalidField('authority', 'nothing: mail goes by the mail server of the settings')
    return { kind: 'mail', to: mail.to }
  }
  if (webhook !== undefined) return { kind: 'webhook', url: webhook.url.expose(), secret: webhook.secret.expose() }
  if (slack !== undefined) return { kind: 'slack', url: slack.url.expose() }
  if (pagerduty !== undefined)
    return {
      kind: 'pagerduty',
      url: pagerduty.url?.expose() ?? pagerdutyUrl,
      routingKey: pagerduty.routingKey.expose(),
    }
  throw invalidField('webhook', 'exactly one of mail, webhook, slack, pagerduty')
}

/** A target of its own kind that somebody changes; null: it stays. What is left out of it stays as it is. */
export function targetAfter(
  before: ChannelTarget,
  input: Pick<Input<'alertChannel.update'>, ChannelKind | 'authority'>,
): ChannelTarget | null {
  const stray = kinds.find((kind) => kind !== before.kind && input[kind] !== undefined)
  if (stray !== undefined)
    throw invalidField(stray, `nothing: it is a channel of kind ${before.kind}; make another of kind ${stray}`)
  if (before.kind === 'mail' && input.authority !== undefined)
    throw invalidField('authority', 'nothing: mail goes by the mail server of the settings')
  const { mail, webhook, slack, pagerduty } = input
  if (mail !== undefined) return { kind: 'mail', to: mail.to }
  if (slack !== undefined) return { kind: 'slack', url: slack.url.expose() }
  if (webhook !== undefined && before.kind === 'webhook')
    return {
      kind: 'webhook',
      url: webhook.url?.expose() ?? before.url,
      secret: webhook.secret?.expose() ?? before.secret,
    }
  if (pagerduty !== undefined && before.kind === 'pagerduty')
    return { kind: 'pagerduty', url: pagerduty.url?.expose() ?? before.url, routingKey: pagerduty.routingKey.expose() }
  return null
}

/** Whether somebody else gets the alerts. A secret that is replaced at the same place moves nothing. */
export const isMoved = (before: ChannelTarget, after: ChannelTarget): boolean => placeOf(before) !== placeOf(after)

function placeOf(target: ChannelTarget): string {
  if (target.kind === 'mail') return target.to
  return target.kind === 'pagerduty' ? `${target.url} ${target.routingKey}` : target.url
}

/** What people know a channel by. A URL's path may be what lets one post there, so only its host is shown. */
export const shownOf = (target: ChannelTarget): string =>
  target.kind === 'mail' ? target.to : new URL(target.url).host

const targetPlace = (id: string): SealedPlace => ({ table: 'alert_channel', column: 'target', id })

/** A target as it is kept. */
export const sealTarget = (sealer: Sealer, id: string, target: ChannelTarget): Buffer =>
  Buffer.from(sealer.seal(targetPlace(id), Buffer.from(JSON.stringify(target), 'utf8')))

/** Opens it. Throws when the bytes were sealed for another channel. */
export function openTarget(sealer: Sealer, id: string, sealed: Buffer): ChannelTarget {
  const opened: unknown = JSON.parse(Buffer.from(sealer.unseal(targetPlace(id), sealed)).toString('utf8'))
  const { kind } = z.object({ kind: z.enum(kinds) }).parse(opened)
  return { kind, ...targets[kind].parse(opened) } as ChannelTarget // of this very kind
}

/** Everything of a target that nobody may read in an answer that is shown. */
export function secretsOf(target: ChannelTarget): readonly string[] {
  if (target.kind === 'mail') return []
  const { pathname, search } = new URL(target.url)
  const parts = [target.url, `${pathname}${search}`, ...pathname.split('/')].filter((part) => part.length >= 8)
  if (target.kind === 'webhook') return [...parts, target.secret, target.secret.replace(/^whsec_/, '')]
  return target.kind === 'pagerduty' ? [...parts, target.routingKey] : parts
}
