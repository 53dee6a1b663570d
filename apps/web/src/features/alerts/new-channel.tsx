import { useNavigate } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Match, Show, Switch, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createForm, given, type Form } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Page } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { severityOptions } from './alert-words.ts'

type Texts = Readonly<Record<string, string>>

const kinds: readonly (readonly [string, string])[] = [
  ['mail', 'Email'],
  ['webhook', 'Signed webhook (Standard Webhooks)'],
  ['slack', 'Slack or compatible'],
  ['pagerduty', 'PagerDuty'],
]

/** Of the four kinds the one that is chosen; fields of others are not sent. */
function targetOf(values: Texts): Partial<Raw<'alertChannel.create'>> {
  const value = (field: string): string => (values[field] ?? '').trim()
  if (values['kind'] === 'mail') return { mail: { to: value('mail.to') } }
  if (values['kind'] === 'webhook') return { webhook: { url: value('webhook.url'), secret: value('webhook.secret') } }
  if (values['kind'] === 'slack') return { slack: { url: value('slack.url') } }
  return { pagerduty: { routingKey: value('pagerduty.routingKey'), url: given(values['pagerduty.url']) } }
}

const inputOf = (values: Texts): Raw<'alertChannel.create'> => ({
  name: (values['name'] ?? '').trim(),
  severity: (values['severity'] ?? 'low') as Raw<'alertChannel.create'>['severity'], // of the list's own options
  ...targetOf(values),
})

/** Random bytes that a webhook is signed with; they never leave this page but to the server. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return `whsec_${btoa(String.fromCharCode(...bytes))}`
}

/** Adds a place that alerts are sent to. */
export default function NewChannel(): JSX.Element {
  const session = useSession()
  const navigate = useNavigate()
  const { tell } = useNotices()
  const form = createForm<'alertChannel.create'>({
    name: 'alertChannel.create',
    initial: {
      name: '',
      kind: 'mail',
      severity: 'low',
      'mail.to': '',
      'webhook.url': '',
      'webhook.secret': '',
      'slack.url': '',
      'pagerduty.routingKey': '',
      'pagerduty.url': '',
    },
    input: inputOf,
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const channel = await form.send()
    if (channel === null) return
    tell(`${channel.name} added. Send a test message to see whether it works.`)
    navigate(`/alert-channels/${channel.id}`)
  }
  return (
    <Page title="Add an alert channel" lead="Secrets are encrypted and never shown again.">
      <form class="card form narrow" onSubmit={(event) => void submit(event)}>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <ChannelFields form={form} />
        <div class="row">
          <Button type="submit" look="primary" busy={form.busy()}>
            Add channel
          </Button>
          <LinkButton href="/alert-channels">Cancel</LinkButton>
        </div>
      </form>
    </Page>
  )
}

interface FieldsProps {
  readonly form: Form<Wire<'alertChannel.create'>>
}

const textOf = ({ form }: FieldsProps, field: string) => ({
  autocomplete: 'off',
  spellcheck: false,
  get value() {
    return form.values()[field] ?? ''
  },
  get problem() {
    return form.problem(field)
  },
  onText: form.set(field),
})

function ChannelFields(props: FieldsProps): JSX.Element {
  const kind = (): string => props.form.values()['kind'] ?? ''
  return (
    <>
      <TextField label="Name" hint="To recognize the channel in lists." {...textOf(props, 'name')} />
      <SelectField label="Kind" value={kind()} options={kinds} onText={props.form.set('kind')} />
      <Switch>
        <Match when={kind() === 'mail'}>
          <TextField label="Address" type="email" {...textOf(props, 'mail.to')} />
        </Match>
        <Match when={kind() === 'webhook'}>
          <TextField label="URL" hint="Begins with https://" {...textOf(props, 'webhook.url')} />
          <TextField
            label="Signing secret"
            hint="24 to 64 random bytes in base64. Enter the same secret at the receiver."
            {...textOf(props, 'webhook.secret')}
          />
          <div>
            <Button onClick={() => props.form.set('webhook.secret')(newSecret())}>Generate secret</Button>
          </div>
        </Match>
        <Match when={kind() === 'slack'}>
          <TextField
            label="Webhook URL"
            hint="The URL of an incoming webhook. Anyone who has it can post."
            {...textOf(props, 'slack.url')}
          />
        </Match>
        <Match when={kind() === 'pagerduty'}>
          <TextField
            label="Integration key"
            hint="Of an Events API v2 integration of a PagerDuty service."
            {...textOf(props, 'pagerduty.routingKey')}
          />
          <TextField
            label="URL (optional)"
            hint="For the EU service region: https://events.eu.pagerduty.com/v2/enqueue"
            {...textOf(props, 'pagerduty.url')}
          />
        </Match>
      </Switch>
      <SelectField
        label="Minimum severity"
        value={props.form.values()['severity'] ?? 'low'}
        options={severityOptions}
        onText={props.form.set('severity')}
      />
    </>
  )
}
