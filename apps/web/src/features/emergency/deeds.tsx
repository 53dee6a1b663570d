import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Moment } from '../../ui/moment.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { actionWords } from './emergency-actions.ts'
import { groupedDeeds } from './emergency-words.ts'

type Done = Wire<'emergencySession.audit'>

const askedEveryMs = 10_000
/** Single entries that are shown; all are in the audit log. */
const deedsShownMax = 50

/** What was done in an emergency session, from the audit log: grouped, and one by one. */
export function Deeds(props: { id: string; request: string; live: boolean }): JSX.Element {
  const loaded = createLoaded('emergencySession.audit', () => ({ id: props.id }), {
    everyMs: askedEveryMs,
    when: () => props.live,
  })
  return <Answer of={loaded}>{(done) => <DeedsShown done={done()} request={props.request} />}</Answer>
}

function DeedsShown(props: { done: Done; request: string }): JSX.Element {
  return (
    <Show when={props.done.deeds.length > 0} fallback={<p class="muted">Nothing was done with it.</p>}>
      <ul class="emergency-list">
        <For each={groupedDeeds(props.done.deeds)}>
          {({ action, outcome, count }) => (
            <li>
              {actionWords(action)} · {counted(count, 'time')} <StateMark state={outcome} />
            </li>
          )}
        </For>
      </ul>
      <Show when={props.done.credentials.length > 0}>
        <p>{counted(props.done.credentials.length, 'credential')} issued with it:</p>
        <ul class="emergency-list">
          <For each={props.done.credentials}>
            {(id) => (
              <li>
                <A href={`/access/leases/${id}`}>
                  <code>{id}</code>
                </A>
              </li>
            )}
          </For>
        </ul>
        <A href={`/access/revoke?approval=${props.request}`}>Revoke all of them</A>
      </Show>
      <details>
        <summary>Entries in the audit log ({props.done.deeds.length})</summary>
        <ul class="emergency-list">
          <For each={props.done.deeds.slice(0, deedsShownMax)}>
            {(deed) => (
              <li>
                <A href={`/record/audit/${deed.entry}`}>{deed.action}</A> <StateMark state={deed.outcome} />{' '}
                <Moment at={deed.at} />
              </li>
            )}
          </For>
        </ul>
      </details>
    </Show>
  )
}
