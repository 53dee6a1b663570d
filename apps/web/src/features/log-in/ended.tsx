import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { endWords, type Words } from '../../words.ts'
import { LogInForm } from './log-in.tsx'

/** The session has ended under an open page: log in again over it, and go on where you were. */
export default function EndedDialog(): JSX.Element {
  const session = useSession()
  const why = (): Words | undefined => {
    const state = session.state()
    return state.at === 'ended' ? endWords(state.why) : undefined
  }
  return (
    <Dialog open title="Your session has ended" closable={false} onClose={() => undefined}>
      <Show
        when={why()}
        fallback={
          <p class="muted">It expired or was ended on another device. Log in again to continue where you were.</p>
        }
      >
        {(words) => (
          <Note tone="warn" title={words().title}>
            {words().next}
          </Note>
        )}
      </Show>
      <LogInForm username={session.me()?.username ?? ''} />
    </Dialog>
  )
}
