import { z } from 'zod'
import {
  Alert,
  AlertChannel,
  AlertChannelTest,
  AlertDeadLetter,
  AlertKindName,
  AlertSeverityName,
  AlertState,
} from '../alert-outputs.ts'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { Email, Id, Label, pageInput, Reason, SecretText } from '../scalars.ts'
import { textOf } from '../text.ts'

const raised = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const given = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

/** A URL is as good as a password where whoever knows it may post. */
const urlForm = /^https:\/\/[^/?#@\\\s]+([/?#]\S*)?$/i
const isUrl = (text: string): boolean => urlForm.test(text) && text.length <= 2048 && URL.canParse(text)
const SecretUrl = SecretText.refine((url) => isUrl(url.expose()), {
  error: 'an address that begins with https:// and has no user name and no password',
})
/** Standard Webhooks: 24 to 64 bytes in base64, with or without the prefix. */
const secretForm = /^(?:whsec_)?(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const bytesIn = (text: string): number => {
  const data = text.replace(/^whsec_/, '').replace(/=+$/, '')
  return Math.floor((data.length * 3) / 4)
}
const SigningSecret = SecretText.refine(
  (secret) => {
    const text = secret.expose()
    return secretForm.test(text) && bytesIn(text) >= 24 && bytesIn(text) <= 64
  },
  { error: '24 to 64 random bytes in base64, such as `openssl rand -base64 32` prints; whsec_ may stand before it' },
)
/** Events API v2: an integration key. */
const RoutingKey = SecretText.refine((key) => /^[A-Za-z0-9]{20,64}$/.test(key.expose()), {
  error: 'the integration key of a PagerDuty service (Events API v2): letters and digits',
})
const Authority = textOf({
  what: 'a certificate in PEM',
  charactersMax: 16_384,
  allow: { lineBreaks: true },
  form: (text) => text.startsWith('-----BEGIN CERTIFICATE-----'),
})

/** Alerts, and the channels that they leave by. */
export const alertOperations = [
  operation({
    name: 'alert.list',
    kind: 'query',
    summary: 'Alerts: what was found, how often, which channels were told, and who has acknowledged it.',
    input: z.object({
      ...pageInput,
      state: AlertState.optional(),
      kind: AlertKindName.optional(),
      /** At least so severe. */
      severity: AlertSeverityName.optional(),
    }),
    output: page(Alert, 'AlertPage'),
    list: { cursor: raised },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: { severity: 'at least so severe', kind: 'of this kind alone' },
      columns: ['severity', 'title', 'about', 'count', 'lastAt', 'state', 'acknowledgedBy', 'id'],
      examples: ['', '--state open --severity high', '--json'],
    },
  }),
  operation({
    name: 'alert.get',
    kind: 'query',
    summary: 'One alert: what was found, what to do about it, and which channels were told.',
    input: z.object({ id: Id }),
    output: Alert,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ALERT', 'ALERT --json'] },
  }),
  operation({
    name: 'alert.acknowledge',
    kind: 'mutation',
    summary: 'Acknowledge an alert: you look after it. The same is not told again within its quiet time.',
    input: z.object({ id: Id, note: Reason.optional() }),
    output: Alert,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { note: 'what you found, or what you do about it' },
      examples: ['ALERT', 'ALERT --note "Ada mistyped a new password"'],
    },
  }),
  operation({
    name: 'alert.stream',
    kind: 'subscription',
    summary: 'Follow alerts: the open ones first, then each that is raised, told again or acknowledged.',
    input: z.object({
      /** At least so severe. */
      severity: AlertSeverityName.optional(),
    }),
    output: Alert,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: { severity: 'at least so severe' },
      columns: ['severity', 'title', 'about', 'count', 'lastAt', 'state', 'id'],
      examples: ['', '--severity high', '--json'],
    },
  }),
  operation({
    name: 'alertChannel.list',
    kind: 'query',
    summary: 'Where alerts are sent, and whether they arrive.',
    input: z.object({ ...pageInput }),
    output: page(AlertChannel, 'AlertChannelPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'kind', 'target', 'severity', 'deliveredAt', 'waiting', 'deadLetters', 'lastError', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'alertChannel.create',
    kind: 'mutation',
    summary: 'Send alerts somewhere: by mail, to a signed webhook, to a Slack-compatible webhook, or to PagerDuty.',
    input: z.object({
      name: Label,
      /** It gets alerts that are at least so severe. */
      severity: AlertSeverityName.default('low'),
      /** Exactly one of these four. */
      mail: z.object({ to: Email }).meta({ id: 'AlertMailInput' }).optional(),
      webhook: z.object({ url: SecretUrl, secret: SigningSecret }).meta({ id: 'AlertWebhookInput' }).optional(),
      slack: z.object({ url: SecretUrl }).meta({ id: 'AlertSlackInput' }).optional(),
      /** Without a URL it is PagerDuty's own in the United States. */
      pagerduty: z
        .object({ routingKey: RoutingKey, url: SecretUrl.optional() })
        .meta({ id: 'AlertPagerdutyInput' })
        .optional(),
      /** Whose certificates are trusted instead of the system's. */
      authority: Authority.optional(),
    }),
    output: AlertChannel,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    // secrets and addresses; its entry says the kind and what people know the channel by
    audit: { omit: ['mail', 'webhook', 'slack', 'pagerduty'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'alertChannel.update',
    kind: 'mutation',
    summary: 'Change a channel, or switch it off; what silences the last one only once a second Admin has approved.',
    input: z.object({
      id: Id,
      name: Label.optional(),
      severity: AlertSeverityName.optional(),
      /** Nothing is sent to it until it is switched on again. */
      disabled: z.boolean().optional(),
      /** Where it is, of its own kind. A secret that is left out stays; it is never shown. */
      mail: z.object({ to: Email }).meta({ id: 'AlertMailChangeInput' }).optional(),
      webhook: z
        .object({ url: SecretUrl.optional(), secret: SigningSecret.optional() })
        .meta({ id: 'AlertWebhookChangeInput' })
        .optional(),
      slack: z.object({ url: SecretUrl }).meta({ id: 'AlertSlackChangeInput' }).optional(),
      /** Another URL only with the key: nobody learns a key by having it sent elsewhere. */
      pagerduty: z
        .object({ routingKey: RoutingKey, url: SecretUrl.optional() })
        .meta({ id: 'AlertPagerdutyChangeInput' })
        .optional(),
      /** Whose certificates are trusted instead of the system's. */
      authority: Authority.optional(),
      /** The system's are trusted again. */
      systemAuthority: z.boolean().optional(),
      reason: Reason.optional(),
    }),
    output: AlertChannel,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['mail', 'webhook', 'slack', 'pagerduty'] },
    refusals: ['approval-pending', 'locked'],
    command: { hidden: true },
  }),
  operation({
    name: 'alertChannel.deadLetters',
    kind: 'query',
    summary: 'The messages that a channel would not take, or did not in time, and why.',
    input: z.object({ id: Id, ...pageInput }),
    output: page(AlertDeadLetter, 'AlertDeadLetterPage'),
    list: { cursor: given },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      columns: ['severity', 'title', 'attempts', 'error', 'at', 'alert', 'id'],
      examples: ['CHANNEL', 'CHANNEL --json'],
    },
  }),
  operation({
    name: 'alertChannel.retry',
    kind: 'mutation',
    summary: 'Send dead letters of a channel again, each under its own id: one, or all.',
    input: z.object({ id: Id, letter: Id.optional() }),
    output: z.object({ id: z.string(), retried: z.int() }).meta({ id: 'AlertChannelRetried' }),
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { letter: 'one of `alert-channel dead-letters`; without it, all' },
      examples: ['CHANNEL', 'CHANNEL --letter LETTER'],
    },
  }),
  operation({
    name: 'alertChannel.drop',
    kind: 'mutation',
    summary: 'Drop dead letters of a channel: one, or all. Their alerts stay.',
    input: z.object({ id: Id, letter: Id.optional(), reason: Reason }),
    output: z.object({ id: z.string(), dropped: z.int() }).meta({ id: 'AlertChannelDropped' }),
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { letter: 'one of `alert-channel dead-letters`; without it, all' },
      examples: ['CHANNEL --yes --reason "a day old, and read in the control center"'],
    },
  }),
  operation({
    name: 'alertChannel.remove',
    kind: 'mutation',
    summary: 'Remove a channel with what waits for it; the last one only once a second Admin has approved.',
    input: z.object({ id: Id, reason: Reason.optional() }),
    output: z.object({ id: z.string() }).meta({ id: 'AlertChannelRemoved' }),
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: ['approval-pending', 'locked'],
    command: { positional: 'id', examples: ['CHANNEL --yes', 'CHANNEL --yes --reason "moved to PagerDuty"'] },
  }),
  operation({
    name: 'alertChannel.test',
    kind: 'mutation',
    summary: 'Send a test message to a channel and say exactly what came back.',
    input: z.object({ id: Id }),
    output: AlertChannelTest,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'id', succeeds: 'delivered', examples: ['CHANNEL', 'CHANNEL --json'] },
  }),
] as const
