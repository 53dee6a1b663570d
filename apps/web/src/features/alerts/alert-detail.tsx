import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/feedback.tsx'
import { given } from '../../ui/form.ts'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel, type Fact } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Prose } from '../../ui/prose.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { aboutHref, aboutWords, alertKindWords, deliveryState, factHref, factName, factText } from './alert-words.ts'

type Alert = Wire<'alert.list'>['items'][number]

const askedEveryMs = 10_000

/** One alert: what happened, what to do, who was told. */
export default function AlertDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('alert.get', () => ({ id: params['id'] ?? '' }), { everyMs: askedEveryMs })
  return (
    <SidePanel kind="Alert" title={loaded.data()?.title ?? 'Alert'} back="/alerts">
      <Answer of={loaded}>{(alert) => <AlertFacts alert={alert()} reload={() => void loaded.reload()} />}</Answer>
    </SidePanel>
  )
}

const factsOf = (alert: Alert): readonly Fact[] => [
  ['About', <About alert={alert} />],
  ...alert.facts.map((fact): Fact => [factName(fact.name), <FactValue fact={fact} />]),
  ['First', <ExactMoment at={alert.at} />],
  ['Last', alert.count === 1 ? undefined : <ExactMoment at={alert.lastAt} />],
  ['Times', alert.count === 1 ? undefined : alert.count],
  ['Kind', alertKindWords(alert.kind)],
  ['ID', <code>{alert.id}</code>],
]

function FactValue(props: { fact: Alert['facts'][number] }): JSX.Element {
  return (
    <Show
      when={factHref(props.fact)}
      fallback={
        <span class="list-free" title={props.fact.value}>
          {factText(props.fact)}
        </span>
      }
    >
      {(href) => (
        <A href={href()} title={props.fact.value}>
          {factText(props.fact)}
        </A>
      )}
    </Show>
  )
}

function About(props: { alert: Alert }): JSX.Element {
  return (
    <Show when={aboutHref(props.alert)} fallback={aboutWords(props.alert)}>
      {(href) => <A href={href()}>{aboutWords(props.alert)}</A>}
    </Show>
  )
}

function AlertFacts(props: { alert: Alert; reload: () => void }): JSX.Element {
  const access = useAccess()
  const [acknowledging, setAcknowledging] = createSignal(false)
  return (
    <>
      <div class="row">
        <StateMark state={props.alert.severity} />
        <StateMark state={props.alert.state} />
      </div>
      <p>
        <Prose text={props.alert.advice} />
      </p>
      <Show when={props.alert.acknowledgedAt}>
        {(at) => (
          <Note tone="calm" title={`Acknowledged by ${props.alert.acknowledgedBy ?? 'somebody who is gone'}.`}>
            <Moment at={at()} />
            <Show when={props.alert.acknowledgement}>{(note) => <>: {note()}</>}</Show>
          </Note>
        )}
      </Show>
      <Show when={props.alert.state === 'open'}>
        <Acts
          of={[
            {
              label: 'Acknowledge',
              look: 'primary',
              blocked: access.why('alert.acknowledge'),
              run: () => setAcknowledging(true),
            },
          ]}
        />
      </Show>
      <Facts of={factsOf(props.alert)} />
      <Deliveries alert={props.alert} />
      <Show when={acknowledging()}>
        <Acknowledge alert={props.alert} onDone={props.reload} onClose={() => setAcknowledging(false)} />
      </Show>
    </>
  )
}

function Deliveries(props: { alert: Alert }): JSX.Element {
  return (
    <PanelSection title="Channels">
      <Show when={props.alert.undeliveredAt}>
        <Note tone="bad" title="No channel has delivered this alert." />
      </Show>
      <Show
        when={props.alert.deliveries.length > 0}
        fallback={<p class="muted">It was not sent anywhere: no channel receives alerts of this severity.</p>}
      >
        <ul class="stack-tight">
          <For each={props.alert.deliveries}>
            {(delivery) => (
              <li class="row">
                <strong>{delivery.channel}</strong>
                <StateMark state={deliveryState(delivery)} />
                <span class="muted">
                  <Moment at={delivery.at} />
                  <Show when={delivery.error}>{(error) => <>: {error()}</>}</Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </PanelSection>
  )
}

function Acknowledge(props: { alert: Alert; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="alert.acknowledge"
      title="Acknowledge this alert?"
      verb="Acknowledge"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ note: '' }}
      input={({ note }) => ({ id: props.alert.id, note: given(note) })}
      done={() => 'Alert acknowledged.'}
      fields={(form) => (
        <TextField
          label="Note (optional)"
          hint="What you found, or what you are doing about it."
          autocomplete="off"
          value={form.values()['note']}
          problem={form.problem('note')}
          onText={form.set('note')}
        />
      )}
    >
      <p>{props.alert.title} Others see that you are handling it.</p>
    </ActDialog>
  )
}
