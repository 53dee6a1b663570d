import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { isUuid } from '@gatehouse/kit'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames } from '../people/person-names.tsx'
import { thingWords } from '../policy/policy-words.ts'
import { detailText, whoWords } from './audit-words.ts'
import { partsOf, type EntryParts, type NamedValue } from './changes.ts'
import { HiddenPeople } from './hidden-people.tsx'
import { EntryProof } from './proof/entry-proof.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import './audit-detail.css'

type Entry = Wire<'audit.get'>

/** One entry, whole: who, what, from where, what changed, and what decided. */
export default function AuditDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('audit.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Audit entry" title={loaded.data()?.action ?? 'Entry'} back="/record/audit">
      <Answer of={loaded}>{(entry) => <EntryFacts entry={entry()} />}</Answer>
    </SidePanel>
  )
}

/** A value that leads to all entries with the same. */
function Same(props: { filter: string; value: string; children?: JSX.Element }): JSX.Element {
  const href = (): string => `/record/audit?${new URLSearchParams({ [props.filter]: props.value, kind: 'all' })}`
  return (
    <A href={href()} title="Show all entries with this value">
      {props.children ?? <code>{props.value}</code>}
    </A>
  )
}

function EntryFacts(props: { entry: Entry }): JSX.Element {
  const parts = createMemo(() => partsOf(props.entry.detail, props.entry.erased))
  const workspaces = createWorkspaceNames()
  const given = (value: string | null, filter: string): JSX.Element =>
    value === null || value === '' ? undefined : <Same filter={filter} value={value} />
  return (
    <>
      <div class="row">
        <StateMark state={props.entry.outcome} />
        <Show when={props.entry.refusal}>{(code) => <code>{code()}</code>}</Show>
        <span class="muted">
          {props.entry.severity} severity · {props.entry.category}
        </span>
      </div>
      <HiddenPeople when={props.entry.pseudonyms} />
      <Facts
        of={[
          [
            'Actor',
            <>
              <Same filter="actor" value={props.entry.principal.id}>
                {whoWords(props.entry)}
              </Same>{' '}
              ({props.entry.principal.type})
            </>,
          ],
          ['Resource', <ResourceFact entry={props.entry} />],
          ['Time', <ExactMoment at={props.entry.at} />],
          [
            'Workspace',
            props.entry.workspace === null ? undefined : (
              <Same filter="workspace" value={props.entry.workspace}>
                {workspaces().get(props.entry.workspace) ?? <code>{props.entry.workspace}</code>}
              </Same>
            ),
          ],
          ['Address', given(props.entry.ip, 'ip')],
          ['Client', parts().client ?? undefined],
          ['Session', given(props.entry.sessionId, 'session')],
          ['Request', given(props.entry.requestId, 'requestId')],
          ['No.', props.entry.seq === null ? 'pending' : String(props.entry.seq)],
          ['ID', <code>{props.entry.id}</code>],
        ]}
      />
      <Changes parts={parts()} />
      <PanelSection title="Decision">
        <Decision entry={props.entry} version={parts().policyVersion} />
      </PanelSection>
      <EntryProof entry={props.entry} />
      <PanelSection title="Recorded details">
        <CopyBlock text={detailText(props.entry.detail)} what="recorded details" />
      </PanelSection>
    </>
  )
}

function ResourceFact(props: { entry: Entry }): JSX.Element {
  const names = createPersonNames()
  const words = (): string => thingWords(props.entry.resource, names())
  return (
    <Show when={props.entry.resource.type !== 'System' && props.entry.resource.id !== ''} fallback="System">
      {/* nothing is looked for by what stands for a person */}
      <Show when={!props.entry.pseudonyms || isUuid(props.entry.resource.id)} fallback={words()}>
        <Same filter="resource" value={props.entry.resource.id}>
          {words()}
        </Same>
      </Show>
    </Show>
  )
}

/** What was asked for and what came of it: values that moved beside one another, before and after. */
function Changes(props: { parts: EntryParts }): JSX.Element {
  return (
    <>
      <Show when={props.parts.moved.length > 0}>
        <PanelSection title="What changed">
          <table class="moved" aria-label="What changed">
            <thead>
              <tr>
                <th scope="col">Value</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              <For each={props.parts.moved}>
                {({ field, from, to }) => (
                  <tr>
                    <th scope="row">{field}</th>
                    <td>
                      <del>{from}</del>
                    </td>
                    <td>
                      <ins>{to}</ins>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </PanelSection>
      </Show>
      <Values title="Requested" of={props.parts.input} />
      <Values title="Result" of={props.parts.result} />
      <Show when={props.parts.intent}>
        {(id) => (
          <p>
            <A href={`/record/audit/${id()}`}>View the entry that began this</A>
          </p>
        )}
      </Show>
    </>
  )
}

function Values(props: { title: string; of: readonly NamedValue[] }): JSX.Element {
  return (
    <Show when={props.of.length > 0}>
      <PanelSection title={props.title}>
        <Facts of={props.of} />
      </PanelSection>
    </Show>
  )
}

/** The policies that decided, each leading to its text. */
function Decision(props: { entry: Entry; version: string | null }): JSX.Element {
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
          <DecisionLink entry={props.entry} />
          <Show when={props.version}>
            {(version) => (
              <p class="muted">
                Policy set <code title={version()}>{version().slice(0, 12)}</code>
              </p>
            )}
          </Show>
        </>
      )}
    </Show>
  )
}

/** The receipt, for who may see it: what the policies were told, and their text as it decided. */
function DecisionLink(props: { entry: Entry }): JSX.Element {
  const access = useAccess()
  return (
    <Show when={access.may('decision.get')}>
      <p>
        <A href={`/decisions/${props.entry.id}`}>View the policy input</A>
      </p>
    </Show>
  )
}
