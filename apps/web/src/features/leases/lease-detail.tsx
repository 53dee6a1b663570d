import { A, useParams } from '@solidjs/router'
import { createEffect, createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { useSession } from '../../session.tsx'
import { createNow } from '../../ui/clock.ts'
import { createEndFact } from '../../ui/end-fact.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { counted, sentence } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createHostNames } from '../hosts/host-names.ts'
import { createUnboundHosts, UnboundMark, UnboundNote } from '../hosts/unbound.tsx'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'
import { Left } from './lease-list.tsx'
import { LeaseProof } from './lease-proof.tsx'
import { kindWords, revocabilityWords } from './lease-words.ts'
import { isAlive, standingWord, type Lease } from './live-leases.ts'
import { RenewDialog } from './renew-dialog.tsx'
import { whyNotRenew } from './renew-words.ts'
import { RevokeDialog } from './revoke-dialog.tsx'
import { useLiveLeases } from './watching.tsx'

/** One lease: what it is, whose, until when, and the way to end it. */
export default function LeaseDetail(): JSX.Element {
  const params = useParams()
  const live = useLiveLeases()
  const loaded = createLoaded('lease.get', () => ({ id: params['id'] ?? '' }))
  createEffect(() => {
    const newer = live.leases().get(params['id'] ?? '')
    if (newer !== undefined && loaded.data() !== undefined) loaded.put(newer)
  })
  return (
    <SidePanel kind="Lease" title={loaded.data()?.role ?? 'Lease'} back="/access/leases">
      <Answer of={loaded}>{(lease) => <LeaseFacts lease={lease()} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

function LeaseFacts(props: { lease: Lease; onChange: (lease: Lease) => void }): JSX.Element {
  const access = useAccess()
  const now = createNow()
  const isUnbound = createUnboundHosts()
  const unbound = (): boolean => isUnbound(props.lease.hostId)
  const end = createEndFact(() => props.lease)
  const renewable = (): string | null => (isAlive(props.lease) ? props.lease.renewableUntil : null)
  const session = useSession()
  const [asking, setAsking] = createSignal<'renew' | 'revoke' | null>(null)
  const whyNot = (): string | null =>
    access.why('lease.renew', props.lease.workspace) ?? whyNotRenew(props.lease, session.me()?.id, now())
  return (
    <>
      <div class="row">
        <StateMark state={standingWord(props.lease, now())} />
        <UnboundMark when={unbound()} />
        <Left lease={props.lease} now={now} />
      </div>
      <LeaseTrouble lease={props.lease} />
      <UnboundNote when={unbound()} />
      <Facts
        of={[
          ['Kind', kindWords(props.lease)],
          ['Revocation', revocabilityWords(props.lease)],
          ['Host', props.lease.hostId === null ? undefined : <HostLink id={props.lease.hostId} />],
          ['Owner', props.lease.principalName],
          ['Purpose', props.lease.purpose],
          ['Workspace', <WorkspaceName id={props.lease.workspace} />],
          ['Issued', <ExactMoment at={props.lease.issuedAt} />],
          end(),
          ['Renewable until', renewable() === null ? undefined : <ExactMoment at={renewable()} />],
          [
            'Wrapped until',
            props.lease.wrappedUntil === null ? undefined : <ExactMoment at={props.lease.wrappedUntil} />,
          ],
          ['Reason', props.lease.reason ?? undefined],
          ['ID', <code>{props.lease.id}</code>],
        ]}
      />
      <LeaseProof lease={props.lease} />
      <PanelSection title="Related">
        <p>
          <A href={`/record/audit?resource=${encodeURIComponent(props.lease.id)}`}>Audit log of this lease</A>
        </p>
        <WorkflowLink url={props.lease.workflowUrl} />
      </PanelSection>
      <Show when={isAlive(props.lease)}>
        <Acts
          of={[
            { label: 'Renew', blocked: whyNot(), run: () => setAsking('renew') },
            {
              label: 'Revoke',
              look: 'danger',
              blocked: access.why('lease.revoke', props.lease.workspace),
              run: () => setAsking('revoke'),
            },
          ]}
        />
      </Show>
      <Show when={asking() === 'renew'}>
        <RenewDialog lease={props.lease} onDone={props.onChange} onClose={() => setAsking(null)} />
      </Show>
      <Show when={asking() === 'revoke'}>
        <RevokeDialog lease={props.lease} onDone={props.onChange} onClose={() => setAsking(null)} />
      </Show>
    </>
  )
}

/** The host by its name of today, which is not always the one that the lease was made under. */
function HostLink(props: { id: string }): JSX.Element {
  const hostName = createHostNames()
  return <A href={`/access/hosts/${props.id}`}>{hostName(props.id)}</A>
}

/** What stands between a lease and its end, and who has to act. */
function LeaseTrouble(props: { lease: Lease }): JSX.Element {
  return (
    <Show when={props.lease.state === 'irrevocable' || props.lease.lastError !== null}>
      <Note
        tone={props.lease.state === 'irrevocable' ? 'bad' : 'warn'}
        title={
          props.lease.state === 'irrevocable'
            ? 'Automatic revocation failed. Manual action is required.'
            : `Revocation has not succeeded yet (${counted(props.lease.attempts, 'attempt')}).`
        }
      >
        <p>{sentence(props.lease.lastError ?? '')}</p>
        {props.lease.state === 'irrevocable'
          ? 'Remove the credential from the host manually, then revoke the lease again.'
          : 'Gatehouse keeps trying automatically.'}
      </Note>
    </Show>
  )
}
