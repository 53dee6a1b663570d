import { A, useParams } from '@solidjs/router'
import { createSignal, For, Show, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { IncidentLink } from '../incidents/incident-link.tsx'
import { Deeds } from './deeds.tsx'
import { actionWords } from './emergency-actions.ts'
import { endWords, whyNotReview, type Emergency } from './emergency-words.ts'
import { EndSession } from './end-session.tsx'
import { createEnding } from './endings.ts'
import { SessionClock } from './sessions.tsx'

const askedEveryMs = 5000

/** One emergency session: whose, why, until when, what was done with it, and what its review said. */
export default function EmergencySessionDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('emergencySession.get', () => ({ id: params['id'] ?? '' }), { everyMs: askedEveryMs })
  const title = (): string => {
    const session = loaded.data()
    return session === undefined ? 'Emergency session' : `${session.requesterName} · ${session.workspaceName}`
  }
  return (
    <SidePanel kind="Emergency session" title={title()} back="/emergency/sessions">
      <Answer of={loaded}>{(session) => <SessionFacts session={session} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

function endedWords({ endedBy, endReason }: Emergency): string | undefined {
  if (endedBy === null) return undefined
  return endReason === null ? endWords[endedBy] : `${endWords[endedBy]}: ${endReason}`
}

function SessionFacts(props: { session: Accessor<Emergency>; onChange: (session: Emergency) => void }): JSX.Element {
  const now = createNow()
  const ending = createEnding<Emergency>(() => props.session())
  return (
    <>
      <div class="row">
        <StateMark state={props.session().state} />
        <Show when={ending()}>{(session) => <SessionClock session={session()} now={now} />}</Show>
      </div>
      <Facts
        of={[
          ['Incident', <IncidentLink named={props.session().incident} id={props.session().incidentId} />],
          ['Severity', <StateMark state={props.session().severity} />],
          ['Approved by', props.session().approvers.join(', ')],
          ['Activated', <ExactMoment at={props.session().activatedAt} />],
          ['Ended', props.session().endedAt === null ? undefined : <ExactMoment at={props.session().endedAt} />],
          ['Because', endedWords(props.session())],
          ['Review due', reviewDue(props.session())],
          ['Request', <A href={`/emergency/requests/${props.session().request}`}>Show the request and its votes</A>],
        ]}
      />
      <SessionActs session={props.session()} onChange={props.onChange} />
      <PanelSection title="Allowed actions">
        <ul class="emergency-list">
          <For each={props.session().actions}>{(name) => <li>{actionWords(name)}</li>}</For>
        </ul>
      </PanelSection>
      <Show when={props.session().review}>{(review) => <Review of={review()} />}</Show>
      <PanelSection title="What was done">
        <Deeds id={props.session().id} request={props.session().request} live={props.session().state === 'active'} />
      </PanelSection>
      <WorkflowLink url={props.session().workflowUrl} />
    </>
  )
}

const reviewDue = ({ review, reviewDueAt }: Emergency): JSX.Element =>
  review !== null || reviewDueAt === null ? undefined : <ExactMoment at={reviewDueAt} />

function SessionActs(props: { session: Emergency; onChange: (session: Emergency) => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [ending, setEnding] = createSignal(false)
  return (
    <>
      <Show when={props.session.review === null}>
        <Acts
          of={[
            props.session.state === 'active'
              ? {
                  label: 'End session',
                  look: 'danger',
                  blocked: access.why('emergencySession.revoke'),
                  run: () => setEnding(true),
                }
              : {
                  label: 'Review',
                  look: 'primary',
                  blocked: whyNotReview(props.session, session.me()) ?? access.why('breakGlass.review'),
                  href: `/emergency/review/${props.session.id}`,
                },
          ]}
        />
      </Show>
      <Show when={ending()}>
        <EndSession session={props.session} onDone={props.onChange} onClose={() => setEnding(false)} />
      </Show>
    </>
  )
}

function Review(props: { of: NonNullable<Emergency['review']> }): JSX.Element {
  return (
    <PanelSection title="Review">
      <Facts
        of={[
          ['By', props.of.reviewer],
          ['At', <ExactMoment at={props.of.at} />],
          ['Needed', props.of.needed ? 'yes' : 'no'],
          ['Summary', props.of.summary],
          ['To rotate', props.of.rotate.length === 0 ? undefined : props.of.rotate.join(', ')],
        ]}
      />
      <ul class="emergency-list">
        <For each={props.of.followUps}>
          {({ text, owner, dueAt }) => (
            <li>
              {text} · {owner} · <ExactMoment at={dueAt} />
            </li>
          )}
        </For>
      </ul>
    </PanelSection>
  )
}
