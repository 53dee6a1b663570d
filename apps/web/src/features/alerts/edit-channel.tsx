import type { Raw, Wire } from '@gatehouse/contract'
import { Match, Show, Switch, type JSX } from 'solid-js'
import { SelectField, TextField } from '../../ui/field.tsx'
import { given, type Form } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { channelChange } from './channel-change.ts'
import { severityOptions } from './alert-words.ts'

type Channel = Wire<'alertChannel.list'>['items'][number]
type ChannelForm = Form<Wire<'alertChannel.update'>>

interface EditProps {
  readonly channel: Channel
  readonly isLast: boolean
  readonly onDone: () => void
  readonly onClose: () => void
}

/** What takes two people, where it does. */
export function LastChannelNote(props: { isLast: boolean; what: string }): JSX.Element {
  return (
    <Show when={props.isLast}>
      <p>
        <strong>This is the last channel.</strong> A second administrator must approve {props.what}. Repeat this in the
        same words once they have.
      </p>
    </Show>
  )
}

const textOf = (form: ChannelForm, field: string) => ({
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

/** Changes a channel in its place. What is left empty stays; no secret is shown. */
export function EditChannel(props: EditProps): JSX.Element {
  const { name, severity, kind } = props.channel
  return (
    <ActDialog
      name="alertChannel.update"
      title={`Edit ${name}`}
      verb="Save"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{
        name,
        severity,
        [`${kind}.to`]: '',
        [`${kind}.url`]: '',
        [`${kind}.secret`]: '',
        [`${kind}.routingKey`]: '',
        because: '',
      }}
      input={(values) => channelChange(props.channel, values)}
      done={(channel) => `${channel.name} saved. Send a test message to see whether it works.`}
      fields={(form) => (
        <>
          <TextField label="Name" {...textOf(form, 'name')} />
          <SelectField
            label="Minimum severity"
            value={form.values()['severity'] ?? severity}
            options={severityOptions}
            onText={form.set('severity')}
          />
          <PlaceFields form={form} channel={props.channel} />
          <TextField
            label={props.isLast ? 'Reason' : 'Reason (optional)'}
            hint="Recorded in the audit log."
            autocomplete="off"
            value={form.values()['because']}
            problem={form.problem('reason')}
            onText={form.set('because')}
          />
        </>
      )}
    >
      <p>Leave a field empty to keep its value. Secrets are encrypted and never shown.</p>
      <LastChannelNote isLast={props.isLast} what="another target or fewer alerts" />
    </ActDialog>
  )
}

function PlaceFields(props: { form: ChannelForm; channel: Channel }): JSX.Element {
  return (
    <Switch>
      <Match when={props.channel.kind === 'mail'}>
        <TextField
          label="New address"
          type="email"
          placeholder={props.channel.target}
          {...textOf(props.form, 'mail.to')}
        />
      </Match>
      <Match when={props.channel.kind === 'webhook'}>
        <TextField label="New URL" hint="Begins with https://" {...textOf(props.form, 'webhook.url')} />
        <TextField
          label="New signing secret"
          hint="24 to 64 random bytes in base64. Enter the same at the receiver."
          {...textOf(props.form, 'webhook.secret')}
        />
      </Match>
      <Match when={props.channel.kind === 'slack'}>
        <TextField label="New webhook URL" hint="Anyone who has it can post." {...textOf(props.form, 'slack.url')} />
      </Match>
      <Match when={props.channel.kind === 'pagerduty'}>
        <TextField
          label="New integration key"
          hint="Needed for another URL, too."
          {...textOf(props.form, 'pagerduty.routingKey')}
        />
        <TextField label="New URL" {...textOf(props.form, 'pagerduty.url')} />
      </Match>
    </Switch>
  )
}

/** Switches a channel off, or on again. */
export function SwitchChannel(props: EditProps): JSX.Element {
  const off = props.channel.disabledAt === null
  return (
    <ActDialog
      name="alertChannel.update"
      title={off ? `Switch ${props.channel.name} off?` : `Switch ${props.channel.name} on?`}
      verb={off ? 'Switch off' : 'Switch on'}
      look={off ? 'danger' : 'primary'}
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ because: '' }}
      input={({ because }): Raw<'alertChannel.update'> => ({
        id: props.channel.id,
        disabled: off,
        reason: given(because),
      })}
      done={(channel) => `${channel.name} is ${off ? 'off' : 'on'}.`}
      fields={(form) => (
        <TextField
          label={off && props.isLast ? 'Reason' : 'Reason (optional)'}
          hint="Recorded in the audit log."
          autocomplete="off"
          value={form.values()['because']}
          problem={form.problem('reason')}
          onText={form.set('because')}
        />
      )}
    >
      <p>
        {off
          ? 'Nothing is sent to it until it is switched on again. What waits is given up, and can be sent later.'
          : 'New alerts are sent to it again. What was given up can be sent again.'}
      </p>
      <LastChannelNote isLast={off && props.isLast} what="switching it off" />
    </ActDialog>
  )
}
