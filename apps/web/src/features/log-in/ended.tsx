import type { JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LogInForm } from './log-in.tsx'

/** The session has ended under an open page: log in again over it, and go on where you were. */
export default function EndedDialog(): JSX.Element {
  const session = useSession()
  return (
    <Dialog open title="Your session has ended" closable={false} onClose={() => undefined}>
      <p class="muted">It expired or was ended on another device. Log in again to continue where you were.</p>
      <LogInForm username={session.me()?.username ?? ''} />
    </Dialog>
  )
}
