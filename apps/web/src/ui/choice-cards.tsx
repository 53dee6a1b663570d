import { For, type JSX } from 'solid-js'
import './choice-cards.css'

/** One of a few, each with a sentence that says what it is. */
export function ChoiceCards<T extends string>(props: {
  legend: string
  name: string
  choices: readonly (readonly [value: T, title: string, text: string])[]
  value: T
  onPick: (value: T) => void
}): JSX.Element {
  return (
    <fieldset class="kinds">
      <legend>{props.legend}</legend>
      <For each={props.choices}>
        {([value, title, text]) => (
          <label class="kind" classList={{ 'kind-chosen': props.value === value }}>
            <input
              type="radio"
              name={props.name}
              value={value}
              checked={props.value === value}
              onChange={() => props.onPick(value)}
            />
            <span>
              <strong>{title}</strong>
              <span class="muted kind-text">{text}</span>
            </span>
          </label>
        )}
      </For>
    </fieldset>
  )
}
