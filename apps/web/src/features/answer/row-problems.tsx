import type { FieldProblem } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { Note } from '../../ui/feedback.tsx'
import { counted } from '../../words.ts'
import './answer.css'

/** More problems than this nobody mends at once. */
const problemsShownMax = 20

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What is wrong with a table that somebody brings, by where it stands. `outcome`: what did not happen. */
export function RowProblems(props: { of: readonly FieldProblem[]; outcome: string }): JSX.Element {
  return (
    <Show when={props.of.length > 0}>
      <Note tone="bad" title={`${props.outcome}: ${counted(props.of.length, 'problem')}.`}>
        <ul class="row-problems">
          <For each={props.of.slice(0, problemsShownMax)}>
            {({ path, message }) => (
              <li>
                <strong>{capital(path)}:</strong> {message}
              </li>
            )}
          </For>
          <Show when={props.of.length > problemsShownMax}>
            <li>and {props.of.length - problemsShownMax} more</li>
          </Show>
        </ul>
      </Note>
    </Show>
  )
}
