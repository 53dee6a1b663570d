import { For, Show, type JSX } from 'solid-js'
import { CheckField, TextField } from '../../ui/field.tsx'
import { given, type Form } from '../../ui/form.ts'
import { chosenBackends, fieldOf, type Texts } from './backend-words.ts'
import type { Key } from './key-words.ts'

interface NewKeyBackendsProps {
  readonly form: Form<Key>
  /** Names of the backends that keys may be given. */
  readonly names: readonly string[]
}

/** Which backends a new key is given, where there is a choice, and how many of them it takes to open it. */
export function NewKeyBackends(props: NewKeyBackendsProps): JSX.Element {
  const chosen = (): readonly string[] => chosenBackends(props.names, props.form.values())
  return (
    <Show when={props.names.length > 1}>
      <fieldset class="new-key-backends">
        <legend>Backends</legend>
        <For each={props.names}>
          {(name) => (
            <CheckField
              label={name}
              checked={chosen().includes(name)}
              onCheck={(checked) => props.form.set(fieldOf(name))(checked ? 'yes' : 'no')}
            />
          )}
        </For>
        <Show when={chosen().length === 0}>
          <p class="field-problem">Choose at least one: what none of them wraps cannot be opened.</p>
        </Show>
      </fieldset>
      <TextField
        label="How many of them open it together (optional)"
        hint="Empty: any one opens it. With 2 or more, none opens it alone, and its backends can never be changed."
        inputmode="numeric"
        autocomplete="off"
        value={props.form.values()['quorum']}
        problem={props.form.problem('quorum')}
        onText={props.form.set('quorum')}
      />
    </Show>
  )
}

/** What the operation is given of it; without a choice nothing. */
export function backendsInput(names: readonly string[], values: Texts) {
  const [backend = '', ...regions] = chosenBackends(names, values)
  const quorum = given(values['quorum'])
  if (names.length <= 1) return {}
  return { backend, regions, quorum: quorum === undefined ? undefined : Number(quorum) }
}
