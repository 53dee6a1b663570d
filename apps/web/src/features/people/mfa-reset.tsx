import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'

type User = Wire<'user.get'>
type Approval = Wire<'approval.get'>

const askedEveryMs = 15_000

/** The approval that counts for a reset of this person's factors: the newest that waits or may be used. */
export const resetApprovalOf = (approvals: readonly Approval[], user: string, now: number): Approval | undefined =>
  approvals.find(
    ({ action, resource, state, expiresAt }) =>
      action === 'mfa.reset' &&
      resource === user &&
      (state === 'pending' || state === 'approved') &&
      Date.parse(expiresAt) > now,
  )

/** Taking away a person's factors is two people's work: one asks, another approves, then the one who asked does it. */
export function MfaReset(props: { user: User; onReset: () => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [doing, setDoing] = createSignal<'ask' | 'reset' | null>(null)
  const approvals = createLoaded('approval.list', () => (access.may('approval.list') ? { first: 100 } : null), {
    everyMs: askedEveryMs,
  })
  const approval = (): Approval | undefined => resetApprovalOf(approvals.data()?.items ?? [], props.user.id, Date.now())
  const blocked = (): string | null =>
    access.why('approval.request') ??
    (session.me()?.id === props.user.id ? 'Manage your own authenticators under Authenticators.' : null) ??
    (props.user.hasAuthenticator ? null : 'This person has no second factor to reset.')
  return (
    <PanelSection title="Lost second factor">
      <div class="reset">
        <Switch fallback={<Acts of={[{ label: 'Request reset', blocked: blocked(), run: () => setDoing('ask') }]} />}>
          <Match when={approval()}>
            {(found) => (
              <ResetState
                approval={found()}
                user={props.user}
                me={session.me()?.id}
                onReset={() => setDoing('reset')}
              />
            )}
          </Match>
        </Switch>
      </div>
      <Show when={doing() === 'ask'}>
        <AskForReset user={props.user} onDone={() => void approvals.reload()} onClose={() => setDoing(null)} />
      </Show>
      <Show when={doing() === 'reset'}>
        <ResetFactors
          user={props.user}
          reason={approval()?.reason ?? ''}
          onDone={() => {
            void approvals.reload()
            props.onReset()
          }}
          onClose={() => setDoing(null)}
        />
      </Show>
    </PanelSection>
  )
}

function ResetState(props: {
  approval: Approval
  user: User
  me: string | undefined
  onReset: () => void
}): JSX.Element {
  const mine = (): boolean => props.approval.requester === props.me
  return (
    <>
      <div class="row">
        <StateMark state={props.approval.state} />
        <A href={`/approvals/${props.approval.id}`}>View request</A>
      </div>
      <Show
        when={props.approval.state === 'approved'}
        fallback={
          <p>
            Requested by {mine() ? 'you' : props.approval.requesterName}. A second administrator must approve it; the
            request expires <Moment at={props.approval.expiresAt} />.
          </p>
        }
      >
        <p>
          Approved by {props.approval.approverName}. {mine() ? 'You' : props.approval.requesterName} can use it once; it
          expires <Moment at={props.approval.expiresAt} />.
        </p>
        <Acts
          of={[
            {
              label: 'Reset second factors',
              look: 'danger',
              blocked: mine() ? null : `Only ${props.approval.requesterName}, who requested it, can use this approval.`,
              run: () => props.onReset(),
            },
          ]}
        />
      </Show>
    </>
  )
}

function AskForReset(props: { user: User; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="approval.request"
      title={`Request a reset of the second factors of ${props.user.username}`}
      verb="Request reset"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ ticket: '', reason: '' }}
      input={({ reason = '', ticket }) => ({
        action: 'mfa.reset' as const,
        resource: props.user.id,
        reason,
        ticket: given(ticket),
      })}
      done={() => 'Reset requested. Another administrator can approve it under Approvals.'}
      fields={(form) => (
        <TextField
          label="Ticket (optional)"
          autocomplete="off"
          value={form.values()['ticket']}
          problem={form.problem('ticket')}
          onText={form.set('ticket')}
        />
      )}
    >
      <p>
        Nothing changes yet. Another administrator has 24 hours to approve or deny the request. Once approved, you can
        reset once.
      </p>
      <p class="muted">Describe how you verified that it is really {props.user.username} who is asking.</p>
    </ActDialog>
  )
}

function ResetFactors(props: { user: User; reason: string; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="mfa.reset"
      title={`Reset the second factors of ${props.user.username}?`}
      verb="Reset second factors"
      look="danger"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      input={() => ({ user: props.user.id, reason: props.reason })}
      done={({ authenticatorsRemoved, sessionsEnded }) =>
        `Removed ${counted(authenticatorsRemoved, 'authenticator')} and ended ${counted(sessionsEnded, 'session')}. ` +
        `${props.user.username} is notified.`
      }
    >
      <p>
        All authenticators and backup codes of {props.user.username} are removed now and all their sessions end. At the
        next log-in, their password is enough to add a new second factor. They are notified. This cannot be undone.
      </p>
      <p class="muted">Approved reason: {props.reason}</p>
    </ActDialog>
  )
}
