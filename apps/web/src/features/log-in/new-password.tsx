import { createSignal, type Accessor, type JSX } from 'solid-js'
import { TextField } from '../../ui/field.tsx'

interface NewPassword {
  readonly text: Accessor<string>
  readonly set: (text: string) => void
  readonly again: Accessor<string>
  readonly setAgain: (text: string) => void
  readonly mismatch: Accessor<string | undefined>
  /** True when both are the same; else says so at the field. */
  readonly agrees: () => boolean
}

/** A new password, typed twice. */
export function createNewPassword(text: Accessor<string>, set: (text: string) => void): NewPassword {
  const [again, setText] = createSignal('')
  const [mismatch, setMismatch] = createSignal<string | undefined>()
  const agrees = (): boolean => {
    setMismatch(again() === text() ? undefined : 'The passwords do not match')
    return mismatch() === undefined
  }
  const setAgain = (typed: string): void => {
    setText(typed)
    setMismatch(undefined)
  }
  return { text, set, again, setAgain, mismatch, agrees }
}

/** The two fields of a new password, with what makes a good one. */
export function NewPasswordFields(props: {
  of: NewPassword
  problem: string | undefined
  ref?: (element: HTMLInputElement) => void
}): JSX.Element {
  return (
    <>
      <TextField
        label="New password"
        type="password"
        autocomplete="new-password"
        required
        hint="Use a long password, for example four random words. Breached or easily guessed passwords are rejected."
        value={props.of.text()}
        problem={props.problem}
        onText={props.of.set}
        ref={(element) => props.ref?.(element)}
      />
      <TextField
        label="Confirm new password"
        type="password"
        autocomplete="new-password"
        required
        value={props.of.again()}
        problem={props.of.mismatch()}
        onText={props.of.setAgain}
      />
    </>
  )
}
