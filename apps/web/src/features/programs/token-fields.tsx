import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { SelectField, TextField } from '../../ui/field.tsx'
import { givenList, type Form } from '../../ui/form.ts'
import { Problem } from '../answer/answer.tsx'
import { ScopePicker } from './scope-picker.tsx'

/** What every new token is asked for: its name, its life, why it is there, what it may and from where. */
export function TokenFields(props: {
  form: Form<Wire<'apiToken.create'>>
  lives: readonly (readonly [seconds: string, words: string])[]
  addressesHint: string
}): JSX.Element {
  const text = (field: string) => ({
    autocomplete: 'off',
    value: props.form.values()[field] ?? '',
    problem: props.form.problem(field),
    onText: props.form.set(field),
  })
  return (
    <>
      <Show when={props.form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="form-columns">
        <TextField label="Name" hint="To recognize the token in the list." {...text('name')} />
        <SelectField
          label="Expires after"
          value={props.form.values()['ttlSeconds'] ?? ''}
          options={props.lives}
          problem={props.form.problem('ttlSeconds')}
          onText={props.form.set('ttlSeconds')}
        />
      </div>
      <TextField label="Purpose" hint="Recorded in the audit log." {...text('purpose')} />
      <ScopePicker
        scopes={givenList(props.form.values()['scopes']) ?? []}
        problem={props.form.problem('scopes')}
        onChange={(scopes) => props.form.set('scopes')(scopes.join(' '))}
      />
      <TextField
        label="Allowed addresses (optional)"
        hint={props.addressesHint}
        spellcheck={false}
        {...text('sourceAddresses')}
      />
    </>
  )
}
