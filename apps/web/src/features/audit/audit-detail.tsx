import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { detailText, resourceWords, whoWords } from './audit-words.ts'

type Entry = Wire<'audit.get'>

/** One entry, whole: who, what, from where, and what decided. */
export default function AuditDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('audit.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Audit entry" title={loaded.data()?.action ?? 'Entry'} back="/record/audit">
      <Answer of={loaded}>{(entry) => <EntryFacts entry={entry()} />}</Answer>
    </SidePanel>
  )
}

function EntryFacts(props: { entry: Entry }): JSX.Element {
  return (
    <>
      <div class="row">
        <StateMark state={props.entry.outcome} />
        <Show when={props.entry.refusal}>{(code) => <code>{code()}</code>}</Show>
      </div>
      <Facts
        of={[
          ['Actor', `${whoWords(props.entry)} (${props.entry.principal.type})`],
          ['Resource', resourceWords(props.entry)],
          ['Time', <ExactMoment at={props.entry.at} />],
          ['Workspace', props.entry.workspace ?? undefined],
          ['Address', props.entry.ip === null ? undefined : <code>{props.entry.ip}</code>],
          ['Session', props.entry.sessionId === null ? undefined : <code>{props.entry.sessionId}</code>],
          ['Request', <code>{props.entry.requestId}</code>],
          ['No.', props.entry.seq === null ? 'pending' : String(props.entry.seq)],
          ['ID', <code>{props.entry.id}</code>],
        ]}
      />
      <PanelSection title="Decision">
        <Decision entry={props.entry} />
      </PanelSection>
      <PanelSection title="Details">
        <CopyBlock text={detailText(props.entry.detail)} what="recorded entry" />
      </PanelSection>
    </>
  )
}

/** The policies that decided, each leading to its text. */
function Decision(props: { entry: Entry }): JSX.Element {
  return (
    <Show
      when={props.entry.decision}
      fallback={<p class="muted">No policy decision: the request was refused earlier, or it is a system event.</p>}
    >
      {(decision) => (
        <>
          <div class="row">
            <StateMark state={decision().effect} />
          </div>
          <Show
            when={decision().policies.length > 0}
            fallback={<p class="muted">No policy permits this, so it is denied.</p>}
          >
            <ul class="stack-tight">
              <For each={decision().policies}>
                {(id) => (
                  <li>
                    <A href={`/policy/${encodeURIComponent(id)}`}>
                      <code>{id}</code>
                    </A>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </>
      )}
    </Show>
  )
}
