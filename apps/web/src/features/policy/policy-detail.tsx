import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Empty } from '../../ui/feedback.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { CedarSource } from './cedar-source.tsx'
import './policy.css'

type Policy = Wire<'policy.list'>['items'][number]

/** One policy, whole: what it says, where it applies, what it decided lately. */
export default function PolicyDetail(): JSX.Element {
  const params = useParams()
  const id = (): string => decodeURIComponent(params['id'] ?? '')
  const loaded = createLoaded('policy.list', () => ({ first: 200 }))
  const found = (page: Wire<'policy.list'>): Policy | undefined => page.items.find((policy) => policy.id === id())
  return (
    <SidePanel kind="Policy" title={id()} back="/policy" wide>
      <Answer of={loaded}>
        {(page) => (
          <Show when={found(page())} fallback={<Empty title="This policy is no longer active" />}>
            {(policy) => <PolicyFacts policy={policy()} />}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

function PolicyFacts(props: { policy: Policy }): JSX.Element {
  return (
    <>
      <div class="row">
        <StateMark state={props.policy.effect} />
        <span class="muted">{props.policy.severity} severity</span>
      </div>
      <p>{props.policy.doc}</p>
      <Facts
        of={[
          ['File', <code>{props.policy.file}</code>],
          ['Loaded', <ExactMoment at={props.policy.loadedAt} />],
        ]}
      />
      <PanelSection title="Source">
        <CedarSource text={props.policy.source} what="policy text" />
      </PanelSection>
      <PanelSection title={`Applies to ${counted(props.policy.actions.length, 'operation')}`}>
        <Show
          when={props.policy.actions.length > 0}
          fallback={<p class="muted">Its scope matches no operation, so it never decides.</p>}
        >
          <ul class="action-list">
            <For each={props.policy.actions}>
              {(action) => (
                <li>
                  <code>{action}</code>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </PanelSection>
      <LatestDecisions policy={props.policy.id} />
    </>
  )
}

/** Decisions of the last days that are shown with a policy. */
const shownMax = 5

function LatestDecisions(props: { policy: string }): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('decision.list', () =>
    access.may('decision.list') ? { first: shownMax, policy: props.policy, from: '7d' } : null,
  )
  return (
    <Show when={access.may('decision.list')}>
      <PanelSection title="Latest decisions">
        <Answer of={loaded} lines={2}>
          {(page) => (
            <Show when={page().items.length > 0} fallback={<p class="muted">It decided nothing in the last 7 days.</p>}>
              <ul class="stack-tight">
                <For each={page().items}>
                  {(decision) => (
                    <li class="row">
                      <StateMark state={decision.effect} />
                      <A href={`/decisions/${decision.id}`}>{decision.action}</A>
                      <span class="muted">
                        <Moment at={decision.at} />
                      </span>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Answer>
        <p>
          <A href={`/decisions?policy=${encodeURIComponent(props.policy)}&kind=all`}>All decisions by this policy</A>
        </p>
      </PanelSection>
    </Show>
  )
}
