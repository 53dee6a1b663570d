import { TriangleAlert } from '../generated/icons.tsx'
import { createUniqueId, For, Show, splitProps, type JSX } from 'solid-js'
import './field.css'

interface FieldProps {
  readonly label: string
  readonly hint?: JSX.Element
  readonly problem?: string | undefined
}

/** A label, a control and what is wrong with it, tied together for those who don't see the layout. */
function Field(
  props: FieldProps & { children: (ids: { id: string; describedBy: string | undefined }) => JSX.Element },
): JSX.Element {
  const id = createUniqueId()
  const describedBy = (): string | undefined =>
    [props.hint === undefined ? '' : `${id}-hint`, props.problem === undefined ? '' : `${id}-problem`]
      .join(' ')
      .trim() || undefined
  return (
    <div class="field" classList={{ 'field-wrong': props.problem !== undefined }}>
      <label for={id}>{props.label}</label>
      {props.children({
        id,
        get describedBy() {
          return describedBy()
        },
      })}
      <Show when={props.hint !== undefined}>
        <p class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      </Show>
      <Show when={props.problem}>
        <p class="field-problem" id={`${id}-problem`}>
          <TriangleAlert aria-hidden="true" />
          {props.problem}
        </p>
      </Show>
    </div>
  )
}

type InputProps = FieldProps &
  Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'onInput' | 'id' | 'ref'> & {
    readonly onText: (text: string) => void
    readonly ref?: (element: HTMLInputElement) => void
  }

/** One line of text. */
export function TextField(props: InputProps): JSX.Element {
  const [own, rest] = splitProps(props, ['label', 'hint', 'problem', 'onText', 'class', 'ref'])
  return (
    <Field label={own.label} hint={own.hint} problem={own.problem}>
      {(ids) => (
        <input
          {...rest}
          id={ids.id}
          class={`input ${own.class ?? ''}`}
          aria-invalid={own.problem !== undefined}
          aria-describedby={ids.describedBy}
          onInput={(event) => own.onText(event.currentTarget.value)}
          ref={(element) => own.ref?.(element)}
        />
      )}
    </Field>
  )
}

/** Several lines of text. */
export function TextAreaField(
  props: FieldProps & {
    value: string
    onText: (text: string) => void
    rows?: number
    mono?: boolean
    placeholder?: string
  },
): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} problem={props.problem}>
      {(ids) => (
        <textarea
          id={ids.id}
          class="input"
          classList={{ mono: props.mono === true }}
          rows={props.rows ?? 3}
          value={props.value}
          placeholder={props.placeholder}
          spellcheck={false}
          aria-invalid={props.problem !== undefined}
          aria-describedby={ids.describedBy}
          onInput={(event) => props.onText(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

/** One of a few. */
export function SelectField(
  props: FieldProps & {
    value: string
    options: readonly (readonly [value: string, label: string])[]
    onText: (text: string) => void
  },
): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} problem={props.problem}>
      {(ids) => (
        <select
          id={ids.id}
          class="input"
          value={props.value}
          aria-invalid={props.problem !== undefined}
          aria-describedby={ids.describedBy}
          onChange={(event) => props.onText(event.currentTarget.value)}
        >
          <For each={props.options}>
            {([value, label]) => (
              <option value={value} selected={value === props.value}>
                {label}
              </option>
            )}
          </For>
        </select>
      )}
    </Field>
  )
}

/** Yes or no. */
export function CheckField(props: {
  label: JSX.Element
  checked: boolean
  onCheck: (checked: boolean) => void
}): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onCheck(event.currentTarget.checked)} />
      <span>{props.label}</span>
    </label>
  )
}

/** A six-digit code of an authenticator app: pasting and the browser's autofill work, spaces are taken out. */
export function CodeField(props: {
  label: string
  value: string
  onText: (text: string) => void
  problem?: string | undefined
  hint?: JSX.Element
  ref?: (element: HTMLInputElement) => void
}): JSX.Element {
  return (
    <TextField
      label={props.label}
      value={props.value}
      hint={props.hint}
      problem={props.problem}
      ref={(element) => props.ref?.(element)}
      class="input-code"
      inputmode="numeric"
      autocomplete="one-time-code"
      maxlength={9}
      required
      onText={(text) => props.onText(text.replaceAll(/\s/g, ''))}
    />
  )
}
