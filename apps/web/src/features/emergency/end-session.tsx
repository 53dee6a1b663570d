import type { JSX } from 'solid-js'
import { ActDialog } from '../answer/act-dialog.tsx'
import type { Emergency } from './emergency-words.ts'

/** Ends an emergency session, with what was issued under it. */
export function EndSession(props: {
  session: Pick<Emergency, 'id' | 'requesterName'>
  onDone: (session: Emergency) => void
  onClose: () => void
}): JSX.Element {
  return (
    <ActDialog
      name="emergencySession.revoke"
      title="End this emergency session?"
      verb="End session"
      look="danger"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.session.id, reason })}
      done={() => 'Emergency session ended.'}
    >
      <p>
        The emergency token of {props.session.requesterName} stops working now, and all credentials that were issued
        with it are revoked.
      </p>
    </ActDialog>
  )
}
