import { A } from '@solidjs/router'
import { For, Show, type Accessor, type JSX } from 'solid-js'
import { StateMark } from '../../ui/state.tsx'
import { Section } from '../../ui/page.tsx'
import { createActiveSessions } from './active-sessions.ts'
import { CountDown } from './count-down.tsx'
import { secondsOf, type Emergency } from './emergency-words.ts'
import type { Ending } from './endings.ts'

/** Emergency sessions that are active now, for the board. Nothing is shown while there is none. */
export function ActiveCards(props: { now: Accessor<number> }): JSX.Element {
  const { sessions } = createActiveSessions()
  return (
    <Show when={sessions().length > 0}>
      <Section title="Active emergency sessions">
        <ul class="emergency-cards">
          <For each={sessions()}>{(session) => <SessionCard session={session} now={props.now} />}</For>
        </ul>
      </Section>
    </Show>
  )
}

function SessionCard(props: { session: Ending<Emergency>; now: Accessor<number> }): JSX.Element {
  return (
    <li class="emergency-card">
      <div class="row spread">
        <A href={`/emergency/sessions/${props.session.id}`}>
          {props.session.requesterName} · {props.session.workspaceName}
        </A>
        <CountDown endsAt={props.session.endsAt ?? ''} ofSeconds={secondsOf(props.session)} now={props.now} />
      </div>
      <p class="emergency-words">
        <StateMark state={props.session.severity} /> {props.session.incident}
      </p>
      <p class="muted">Approved by {props.session.approvers.join(' and ')}</p>
    </li>
  )
}
