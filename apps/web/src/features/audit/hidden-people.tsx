import { Show, type JSX } from 'solid-js'
import { Note } from '../../ui/feedback.tsx'

/** Says that people are hidden, and why, to who is shown pseudonyms. */
export function HiddenPeople(props: { when: boolean }): JSX.Element {
  return (
    <Show when={props.when}>
      <Note tone="calm" title="People are shown by pseudonyms.">
        You don't have permission to see who others in the audit log are. The same pseudonym is always the same person.
        An Admin or Auditor can find out who it is.
      </Note>
    </Show>
  )
}
