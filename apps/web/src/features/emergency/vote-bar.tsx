import { createSignal, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Acts, type Act } from '../../ui/acts.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { ActivateDialog } from './activate-dialog.tsx'
import { ApproveDialog } from './approve-dialog.tsx'
import { EditRequest } from './edit-request.tsx'
import { isOpen, whyNotActivate, whyNotFinish, whyNotVote, type RequestDetail } from './emergency-words.ts'
import type { RequestDocument } from './request-document.ts'

interface VoteProps {
  readonly request: RequestDetail
  /** What is signed; null: it is not read yet, or not what its hash says. */
  readonly document: RequestDocument | null
  readonly onChange: () => void
}

/** Approve and deny, at the lower edge where a thumb reaches them. */
export function VoteBar(props: VoteProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [deciding, setDeciding] = createSignal<'approve' | 'deny' | null>(null)
  const whyNot = (): string | null => whyNotVote(props.request, session.me()?.id)
  const unread = (): string | null => (props.document === null ? 'The document does not match its hash.' : null)
  return (
    <div class="vote-bar">
      <Acts
        of={[
          {
            label: 'Deny',
            look: 'danger',
            blocked: whyNot() ?? access.why('breakGlass.deny'),
            run: () => setDeciding('deny'),
          },
          {
            label: 'Approve',
            look: 'primary',
            blocked: whyNot() ?? access.why('breakGlass.approve') ?? unread(),
            run: () => setDeciding('approve'),
          },
        ]}
      />
      <Show when={deciding() === 'approve' && props.document}>
        {(document) => (
          <ApproveDialog
            id={props.request.id}
            hash={props.request.hash}
            document={document()}
            onDone={props.onChange}
            onClose={() => setDeciding(null)}
          />
        )}
      </Show>
      <Show when={deciding() === 'deny'}>
        <ActDialog
          name="breakGlass.deny"
          title="Deny this request?"
          verb="Deny"
          look="danger"
          onClose={() => setDeciding(null)}
          onDone={props.onChange}
          initial={{ reason: '' }}
          input={({ reason = '' }) => ({ id: props.request.id, reason })}
          done={(request) => (request.state === 'denied' ? 'Denied. The request is closed.' : 'Denied for your team.')}
        >
          <p>
            Your team can no longer approve this request, and an approval that it gave does not count any more. The
            request ends when a second team denies it. {props.request.requesterName} sees your reason.
          </p>
        </ActDialog>
      </Show>
    </div>
  )
}

/** What the requester does with their own request. */
export function RequesterActs(props: Omit<VoteProps, 'document'>): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [doing, setDoing] = createSignal<'activate' | 'finish' | 'edit' | 'cancel' | null>(null)
  const isMine = (): boolean => props.request.requester === session.me()?.id
  const activateAct = (): Act => ({
    label: 'Activate',
    look: 'primary',
    blocked: whyNotActivate(props.request, session.me()?.id) ?? access.why('breakGlass.activate'),
    run: () => setDoing('activate'),
  })
  const editAct = (): Act => ({
    label: 'Change request',
    blocked: access.why('breakGlass.update'),
    run: () => setDoing('edit'),
  })
  const finishAct = (): Act => ({
    label: 'Finish drill',
    look: 'primary',
    blocked: whyNotFinish(props.request) ?? access.why('breakGlass.drillFinish'),
    run: () => setDoing('finish'),
  })
  return (
    <Show when={isMine() && (isOpen(props.request) || doing() !== null)}>
      <Acts
        of={[
          ...(props.request.drill ? [finishAct()] : [activateAct(), editAct()]),
          { label: 'Cancel request', blocked: access.why('breakGlass.cancel'), run: () => setDoing('cancel') },
        ]}
      />
      <Show when={doing() === 'edit'}>
        <EditRequest request={props.request} onDone={props.onChange} onClose={() => setDoing(null)} />
      </Show>
      <Show when={doing() === 'finish'}>
        <FinishDrill id={props.request.id} onDone={props.onChange} onClose={() => setDoing(null)} />
      </Show>
      <Show when={doing() === 'activate'}>
        <ActivateDialog request={props.request} onDone={props.onChange} onClose={() => setDoing(null)} />
      </Show>
      <Show when={doing() === 'cancel'}>
        <ActDialog
          name="breakGlass.cancel"
          title="Cancel this request?"
          verb="Cancel request"
          look="danger"
          onClose={() => setDoing(null)}
          onDone={props.onChange}
          initial={{ reason: '' }}
          input={({ reason = '' }) => ({ id: props.request.id, reason })}
          done={() => 'Request cancelled.'}
        >
          <p>It can no longer be approved or activated. You can request again.</p>
        </ActDialog>
      </Show>
    </Show>
  )
}

/** Where another request begins its session, a drill is over. */
function FinishDrill(props: { id: string; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="breakGlass.drillFinish"
      title="Finish this drill?"
      verb="Finish drill"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{}}
      input={() => ({ id: props.id })}
      done={({ drillScore }) => (drillScore === null ? 'Drill finished.' : `Drill finished: ${drillScore} of 100.`)}
    >
      <p>In an emergency your session would begin now. The drill ends here, and no access comes of it.</p>
    </ActDialog>
  )
}
