import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createMemo, For, Show, type JSX } from 'solid-js'
import { CircleQuestionMark as CircleHelp, Download } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { saveText } from '../../ui/save-text.ts'
import { StateMark } from '../../ui/state.tsx'
import { sentence } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames, Person } from '../people/person-names.tsx'
import { CedarSource } from './cedar-source.tsx'
import { shortVersion, thingWords } from './policy-words.ts'
import { askedIn, policyTextIn, type AskedEntity } from './receipt.ts'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'

type Receipt = Wire<'decision.get'>

/** The receipt of one decision: what was asked, by which policies it was decided, and what came of it. */
export default function DecisionDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('decision.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Decision" title={loaded.data()?.action ?? 'Decision'} back="/decisions" wide>
      <Answer of={loaded}>{(receipt) => <ReceiptFacts receipt={receipt()} />}</Answer>
    </SidePanel>
  )
}

function ReceiptFacts(props: { receipt: Receipt }): JSX.Element {
  const names = createPersonNames()
  const access = useAccess()
  const save = (): void => saveText(JSON.stringify(props.receipt, null, 2), `decision-${props.receipt.id}.json`)
  return (
    <>
      <div class="row">
        <StateMark state={props.receipt.effect} />
        <span class="muted">the call was {props.receipt.outcome}</span>
      </div>
      <Facts
        of={[
          [
            'Caller',
            <>
              <Show when={props.receipt.principal.type === 'User'} fallback={props.receipt.principal.id}>
                <Person id={props.receipt.principal.id} names={names()} />
              </Show>{' '}
              ({props.receipt.principal.type})
            </>,
          ],
          ['On', thingWords(props.receipt.resource, names())],
          ['Workspace', props.receipt.workspace === null ? undefined : <WorkspaceName id={props.receipt.workspace} />],
          ['Decided', <ExactMoment at={props.receipt.at} />],
          ['Policy set', <code title={props.receipt.policyVersion}>{shortVersion(props.receipt.policyVersion)}</code>],
        ]}
      />
      <Acts
        of={[
          {
            label: 'Explain this decision',
            icon: <CircleHelp aria-hidden="true" />,
            blocked: access.why('policy.explain'),
            href: `/policy-explain?decision=${encodeURIComponent(props.receipt.id)}`,
          },
        ]}
      />
      <Policies receipt={props.receipt} />
      <AskedFacts receipt={props.receipt} />
      <PanelSection title="Receipt">
        <Show when={props.receipt.missing}>
          {(why) => (
            <Note tone="warn" title="This decision cannot be reproduced.">
              {sentence(why())}
            </Note>
          )}
        </Show>
        <p class="muted">
          The receipt holds the request, the policies, the schema and the audit entry, so anybody can check the decision
          without this server: <code>npx --no-install gatehouse decision verify</code>.
        </p>
        <Acts of={[{ label: 'Save receipt', icon: <Download aria-hidden="true" />, blocked: null, run: save }]} />
        <p>
          <A href={`/record/audit/${props.receipt.id}`}>View the audit entry</A>
        </p>
      </PanelSection>
    </>
  )
}

function Policies(props: { receipt: Receipt }): JSX.Element {
  return (
    <PanelSection title="Decided by">
      <Show when={props.receipt.policies.length > 0} fallback={<p>No policy permits this request, so it is denied.</p>}>
        <For each={props.receipt.policies}>
          {(id) => (
            <div class="stack-tight">
              <A href={`/policy/${encodeURIComponent(id)}`}>
                <code>{id}</code>
              </A>
              <Show
                when={policyTextIn(props.receipt.files, id)}
                fallback={<p class="muted">Its text at that time is not kept.</p>}
              >
                {(text) => <CedarSource text={text()} what={`text of ${id} as it decided`} />}
              </Show>
            </div>
          )}
        </For>
      </Show>
    </PanelSection>
  )
}

function AskedFacts(props: { receipt: Receipt }): JSX.Element {
  const asked = createMemo(() => askedIn(props.receipt.request))
  return (
    <PanelSection title="Policy input">
      <Show when={asked()} fallback={<p class="muted">The request was not recorded.</p>}>
        {(found) => (
          <>
            <Facts of={found().context} />
            <For each={found().entities}>{(entity) => <Entity entity={entity} />}</For>
          </>
        )}
      </Show>
    </PanelSection>
  )
}

function Entity(props: { entity: AskedEntity }): JSX.Element {
  return (
    <Show when={props.entity.attributes.length + props.entity.parents.length > 0}>
      <details>
        <summary>
          {props.entity.type} <code>{props.entity.id}</code>
        </summary>
        <Facts
          of={[
            ...props.entity.attributes,
            ['belongs to', props.entity.parents.length === 0 ? undefined : props.entity.parents.join(', ')],
          ]}
        />
      </details>
    </Show>
  )
}
