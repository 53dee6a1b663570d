import { createMemo, Show, type JSX } from 'solid-js'
import { CallRefused } from '../../api.ts'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { wordsOf } from '../../words.ts'

/** What went wrong with a form; where there is a wait, it counts down. */
export function FormError(props: { error: unknown }): JSX.Element {
  const waiting = (): CallRefused | undefined =>
    props.error instanceof CallRefused && (props.error.details.retryAfterSeconds ?? 0) > 0 ? props.error : undefined
  return (
    <Show when={props.error}>
      {(error) => (
        <Note tone="bad" title={wordsOf(error()).title}>
          <Show keyed when={waiting()} fallback={wordsOf(error()).next}>
            {(refused) => <Wait refused={refused} />}
          </Show>
        </Note>
      )}
    </Show>
  )
}

/** The wait is seen second by second and said once: a screen reader that repeats it each second says nothing else. */
function Wait(props: { refused: CallRefused }): JSX.Element {
  const now = createNow()
  const over = now() + (props.refused.details.retryAfterSeconds ?? 0) * 1000
  const left = createMemo(() => Math.max(0, Math.ceil((over - now()) / 1000)))
  const words = (seconds: number): string => {
    const { operation, code, details, message } = props.refused
    return wordsOf(new CallRefused(operation, { code, details: { ...details, retryAfterSeconds: seconds } }, message))
      .next
  }
  return (
    <>
      <span class="visually-hidden">{words(props.refused.details.retryAfterSeconds ?? 0)}</span>
      <span aria-hidden="true">{left() > 0 ? words(left()) : 'You can try again now.'}</span>
    </>
  )
}
