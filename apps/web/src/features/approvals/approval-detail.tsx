import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { createEndFact } from '../../ui/end-fact.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, SidePanel, type Fact } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'
import { askWords, effectWords, isSettled, whyNotCancel, whyNotDecide } from './approval-words.ts'

type Approval = Wire<'approval.get'>
type Decision = 'approve' | 'deny' | 'cancel'

const askedEveryMs = 10_000

/** One approval, to be judged in a minute: who asks, about whom, why, until when, and what a yes will do. */
export default function ApprovalDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('approval.get', () => ({ id: params['id'] ?? '' }), { everyMs: askedEveryMs })
  return (
    <SidePanel
      kind="Approval"
      title={loaded.data() === undefined ? 'Approval' : `Request by ${loaded.data()?.requesterName}`}
      back="/approvals"
    >
      <Answer of={loaded}>{(approval) => <ApprovalFacts approval={approval()} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

const factsOf = (approval: Approval, end: Fact): readonly Fact[] => [
  ['Reason', approval.reason],
  ['Ticket', approval.ticket ?? <span class="muted">none given</span>],
  ['Target', <Target approval={approval} />],
  ['Workspace', approval.workspace === null ? undefined : <WorkspaceName id={approval.workspace} />],
  ['Parameters', approval.parameters.length === 0 ? undefined : <Parameters of={approval.parameters} />],
  ['Risk', approval.risk],
  ['Requested', <ExactMoment at={approval.createdAt} />],
  end,
  ...(approval.decidedAt === null ? [] : decisionOf(approval)),
]

/** Exactly what is approved, a parameter a line. */
function Parameters(props: { of: readonly string[] }): JSX.Element {
  return (
    <ul class="stack-tight">
      <For each={props.of}>
        {(parameter) => (
          <li>
            <code>{parameter}</code>
          </li>
        )}
      </For>
    </ul>
  )
}

const decisionOf = (approval: Approval): readonly Fact[] => [
  ['Decided', <ExactMoment at={approval.decidedAt} />],
  ['By', approval.approverName ?? <span class="muted">—</span>],
  ['Comment', approval.decisionReason ?? <span class="muted">none</span>],
]

function Target(props: { approval: Approval }): JSX.Element {
  return (
    <Show when={props.approval.resourceType === 'User'} fallback={props.approval.resourceName}>
      <A href={`/people/users/${props.approval.resource}`}>{props.approval.resourceName}</A>
    </Show>
  )
}

function DecideActs(props: { approval: Approval; now: number; onDecide: (decision: Decision) => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const why = (): string | null => whyNotDecide(props.approval, session.me()?.id, props.now)
  return (
    <Acts
      of={[
        {
          label: 'Approve',
          look: 'primary',
          blocked: why() ?? access.why('approval.approve'),
          run: () => props.onDecide('approve'),
        },
        {
          label: 'Deny',
          look: 'danger',
          blocked: why() ?? access.why('approval.deny'),
          run: () => props.onDecide('deny'),
        },
      ]}
    />
  )
}

function ApprovalFacts(props: { approval: Approval; onChange: (approval: Approval) => void }): JSX.Element {
  const session = useSession()
  const now = createNow()
  const [deciding, setDeciding] = createSignal<Decision | null>(null)
  const pending = (): boolean => props.approval.state === 'pending'
  const end = createEndFact(() => ({ expiresAt: props.approval.expiresAt, isOver: isSettled(props.approval) }))
  return (
    <>
      <div class="row">
        <StateMark state={props.approval.state} />
        <Show when={pending()}>
          <TimeLeft from={props.approval.createdAt} to={props.approval.expiresAt} now={now} />
        </Show>
      </div>
      <p>
        <strong>
          {props.approval.requesterName} requests to {askWords(props.approval)}.
        </strong>
      </p>
      <Facts of={factsOf(props.approval, end())} />
      <Show when={pending()}>
        <p>{effectWords(props.approval)}</p>
        <DecideActs approval={props.approval} now={now()} onDecide={setDeciding} />
      </Show>
      <Show when={whyNotCancel(props.approval, session.me()?.id) === null}>
        <Acts of={[{ label: 'Cancel request', blocked: null, run: () => setDeciding('cancel') }]} />
      </Show>
      <Show keyed when={deciding()}>
        {(decision) => (
          <DecideDialog
            decision={decision}
            approval={props.approval}
            onChange={props.onChange}
            onClose={() => setDeciding(null)}
          />
        )}
      </Show>
    </>
  )
}

function DecideDialog(props: {
  decision: Decision
  approval: Approval
  onChange: (approval: Approval) => void
  onClose: () => void
}): JSX.Element {
  return (
    <>
      <Show when={props.decision === 'approve'}>
        <ActDialog
          name="approval.approve"
          title="Approve this request?"
          verb="Approve"
          onClose={props.onClose}
          onDone={props.onChange}
          initial={{ note: '' }}
          input={({ note }) => ({ id: props.approval.id, reason: given(note) })}
          done={(approval) => `Approved. ${approval.requesterName} can use it once.`}
          fields={(form) => (
            <TextField
              label="How you verified it (optional)"
              hint="Recorded in the audit log."
              autocomplete="off"
              value={form.values()['note']}
              problem={form.problem('note')}
              onText={form.set('note')}
            />
          )}
        >
          <p>
            {props.approval.requesterName} can {askWords(props.approval)} once, until the request expires.
          </p>
        </ActDialog>
      </Show>
      <Show when={props.decision === 'deny'}>
        <ActDialog
          name="approval.deny"
          title="Deny this request?"
          verb="Deny"
          look="danger"
          onClose={props.onClose}
          onDone={props.onChange}
          initial={{ reason: '' }}
          input={({ reason = '' }) => ({ id: props.approval.id, reason })}
          done={() => 'Denied.'}
        >
          <p>Nothing changes. {props.approval.requesterName} sees your reason and can request again.</p>
        </ActDialog>
      </Show>
      <Show when={props.decision === 'cancel'}>
        <ActDialog
          name="approval.cancel"
          title="Cancel this request?"
          verb="Cancel request"
          look="danger"
          onClose={props.onClose}
          onDone={props.onChange}
          initial={{ reason: '' }}
          input={({ reason = '' }) => ({ id: props.approval.id, reason })}
          done={() => 'Request cancelled.'}
        >
          <p>It can no longer be approved or used. You can request again.</p>
        </ActDialog>
      </Show>
    </>
  )
}
