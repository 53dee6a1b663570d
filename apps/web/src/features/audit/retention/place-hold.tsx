import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { given, type Form } from '../../../ui/form.ts'
import { ActDialog } from '../../answer/act-dialog.tsx'
import { placingWords, type Held, type HoldScope } from './hold-words.ts'

type Values = Readonly<Record<string, string>>
type HoldForm = Form<Wire<'audit.holdPlace'>>

const scopeOf = ({ scope }: Values): HoldScope => (scope === 'everything' ? 'everything' : 'some')

/** What the form's texts hold; nothing else is sent, whatever was typed before everything was picked. */
function heldIn(values: Values): Held {
  const text = (field: string): string | null =>
    scopeOf(values) === 'everything' ? null : (given(values[field]) ?? null)
  return {
    user: text('user'),
    workspace: text('workspace'),
    requestId: text('requestId'),
    from: text('from'),
    to: text('to'),
  }
}

/** Places a legal hold: says exactly what it will keep before it does. */
export function PlaceHold(props: { onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="audit.holdPlace"
      title="Place a legal hold"
      verb="Place hold"
      initial={{ scope: 'some', user: '', workspace: '', requestId: '', from: '', to: '', reason: '' }}
      input={(values) => {
        const { user, workspace, requestId, from, to } = heldIn(values)
        return {
          reason: values['reason'] ?? '',
          user: user ?? undefined,
          workspace: workspace ?? undefined,
          requestId: requestId ?? undefined,
          from: from ?? undefined,
          to: to ?? undefined,
          everything: scopeOf(values) === 'everything',
        }
      }}
      done={() => 'Hold placed.'}
      onDone={props.onDone}
      onClose={props.onClose}
      fields={(form) => <HoldFields form={form} />}
    >
      <p class="muted">You will not be able to release it yourself: that is for another Admin.</p>
    </ActDialog>
  )
}

function HoldFields(props: { form: HoldForm }): JSX.Element {
  const value = (field: string): string => props.form.values()[field] ?? ''
  const says = (): string | null => placingWords(heldIn(props.form.values()), scopeOf(props.form.values()))
  return (
    <>
      <SelectField
        label="Hold"
        value={value('scope')}
        options={[
          ['some', 'entries that fit all of the following'],
          ['everything', 'the whole audit log'],
        ]}
        onText={props.form.set('scope')}
      />
      <Show when={value('scope') !== 'everything'}>
        <Line form={props.form} field="user" label="About this person" hint="User name or ID." />
        <Line form={props.form} field="workspace" label="In this workspace" />
        <Line form={props.form} field="requestId" label="Of this request" hint="One call and all that it led to." />
        <div class="hold-span">
          <Line form={props.form} field="from" label="From" hint="A date, or how long ago: 2026-01-31, 30d." />
          <Line form={props.form} field="to" label="Until" hint="Left empty: those to come are held, too." />
        </div>
      </Show>
      <p class="hold-says" role="status">
        {says() ?? 'Say what is to be held: fill in at least one field.'}
      </p>
    </>
  )
}

function Line(props: { form: HoldForm; field: string; label: string; hint?: string }): JSX.Element {
  return (
    <TextField
      label={props.label}
      hint={props.hint}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      value={props.form.values()[props.field]}
      problem={props.form.problem(props.field)}
      onText={props.form.set(props.field)}
    />
  )
}
