import { useParams } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel, type Fact } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { AddNote, CloseIncident, MoveIncident } from './incident-acts.tsx'
import { clockName, clockState, wordsOf } from './incident-words.ts'
import { Timeline } from './timeline.tsx'

type Incident = Wire<'incident.get'>

const askedEveryMs = 10_000

/** One incident: what is due, what is known, what happened when. */
export default function IncidentDetail(): JSX.Element {
  const params = useParams()
  const asked = (): Raw<'incident.get'> => ({ id: params['id'] ?? '' })
  const loaded = createLoaded('incident.get', asked, { everyMs: askedEveryMs })
  return (
    <SidePanel kind="Incident" title={loaded.data()?.title ?? 'Incident'} back="/incidents" wide>
      <Answer of={loaded}>
        {(incident) => <IncidentFacts incident={incident()} reload={() => void loaded.reload()} />}
      </Answer>
    </SidePanel>
  )
}

const factsOf = (incident: Incident): readonly Fact[] => [
  ['Owner', incident.owner ?? <span class="muted">none</span>],
  ['Kind', wordsOf(incident.kind)],
  ['Classification', incident.classification],
  ['Affected', incident.affected.length === 0 ? undefined : incident.affected.join(', ')],
  ['Data subjects', incident.dataSubjects === '' ? undefined : incident.dataSubjects],
  ['Functions', incident.functions.length === 0 ? undefined : incident.functions.join(', ')],
  ['Detected', <ExactMoment at={incident.detectedAt} />],
  ['Opened by', incident.openedBy ?? 'Gatehouse'],
  ['Authority told', incident.breach ? <ExactMoment at={incident.notifiedAt} none="not yet" /> : undefined],
  ['Resolution', incident.resolution ?? undefined],
  ['Closed unfinished', incident.unfinished ?? undefined],
  ['ID', <code>{incident.id}</code>],
]

type Open = 'move' | 'note' | 'close' | null

function IncidentFacts(props: { incident: Incident; reload: () => void }): JSX.Element {
  const [open, setOpen] = createSignal<Open>(null)
  const dialog = {
    get incident() {
      return props.incident
    },
    onDone: () => props.reload(),
    onClose: () => setOpen(null),
  }
  return (
    <>
      <div class="row">
        <StateMark state={props.incident.severity} />
        <span>{wordsOf(props.incident.state)}</span>
        <span class="muted">
          since <Moment at={props.incident.stateSince} />
        </span>
      </div>
      <Breach incident={props.incident} />
      <IncidentActs incident={props.incident} onPick={setOpen} />
      <Show when={props.incident.description !== ''}>
        <p class="list-free">{props.incident.description}</p>
      </Show>
      <Clocks incident={props.incident} />
      <Facts of={factsOf(props.incident)} />
      <Timeline steps={props.incident.timeline} />
      <Work incident={props.incident} />
      <Evidence incident={props.incident} />
      <Notices incident={props.incident} />
      <WorkflowLink url={props.incident.workflowUrl} />
      <Show when={open() === 'move'}>
        <MoveIncident {...dialog} />
      </Show>
      <Show when={open() === 'note'}>
        <AddNote {...dialog} />
      </Show>
      <Show when={open() === 'close'}>
        <CloseIncident {...dialog} />
      </Show>
    </>
  )
}

function IncidentActs(props: { incident: Incident; onPick: (open: Open) => void }): JSX.Element {
  const access = useAccess()
  const closes = (): boolean => props.incident.nextStates.includes('closed')
  const moves = (): boolean => props.incident.nextStates.length > 0 && !closes()
  return (
    <Acts
      of={[
        ...(moves()
          ? [
              {
                label: 'Change state',
                look: 'primary' as const,
                blocked: access.why('incident.transition'),
                run: () => props.onPick('move'),
              },
            ]
          : []),
        ...(closes()
          ? [
              {
                label: 'Close incident',
                look: 'primary' as const,
                blocked: access.why('incident.close'),
                run: () => props.onPick('close'),
              },
            ]
          : []),
        { label: 'Add note', blocked: access.why('incident.update'), run: () => props.onPick('note') },
        ...(props.incident.nextStates.length > 0
          ? [
              {
                label: 'Request emergency access',
                blocked: access.why('breakGlass.request'),
                href: `/emergency/new?incident=${props.incident.id}`,
              },
            ]
          : []),
      ]}
    />
  )
}

function Breach(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.notifiedAt === null ? props.incident.authorityDueAt : null}>
      {(dueAt) => (
        <Note tone="bad" title="Personal data is affected, and the authority has not been told.">
          Due <Moment at={dueAt()} />. Write the notice with <code>gatehouse incident notify-breach</code>.
        </Note>
      )}
    </Show>
  )
}

function Clocks(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.clocks.length > 0}>
      <PanelSection title="Clocks">
        <ul class="stack-tight">
          <For each={props.incident.clocks}>
            {(clock) => (
              <li class="row">
                <span>{clockName(clock.name)}</span>
                <StateMark state={clockState(clock)} />
                <span class="muted">
                  <Moment at={clock.dueAt} />
                </span>
              </li>
            )}
          </For>
        </ul>
      </PanelSection>
    </Show>
  )
}

function Work(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.actions.length > 0}>
      <PanelSection title="Actions">
        <ul class="stack-tight">
          <For each={props.incident.actions}>
            {(action) => (
              <li>
                <span class="list-free">{action.what}</span>{' '}
                <StateMark state={action.doneAt === null ? 'open' : 'done'} />{' '}
                <span class="muted">
                  {action.owner ?? 'no owner'}
                  <Show when={action.doneAt === null ? action.dueAt : null}>
                    {(dueAt) => (
                      <>
                        , due <Moment at={dueAt()} />
                      </>
                    )}
                  </Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </PanelSection>
    </Show>
  )
}

function Evidence(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.evidence.length > 0}>
      <PanelSection title="Evidence">
        <ul class="stack-tight">
          <For each={props.incident.evidence}>
            {(evidence) => (
              <li>
                <strong class="list-free">{evidence.name}</strong>{' '}
                <span class="muted">
                  {evidence.addedBy ?? 'somebody who is gone'}, <Moment at={evidence.addedAt} />
                </span>
                <div class="list-free">{evidence.location}</div>
                <code class="list-free">{evidence.sha256}</code>
              </li>
            )}
          </For>
        </ul>
      </PanelSection>
    </Show>
  )
}

function Notices(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.notices[0]}>
      {(notice) => (
        <PanelSection title={`Notice to the authority, version ${notice().version}`}>
          <p class="muted">
            <Show when={notice().sentTo} fallback="Draft: not sent.">
              {(to) => (
                <>
                  Sent to {to()}, <ExactMoment at={notice().sentAt} />
                </>
              )}
            </Show>
          </p>
          <Show when={notice().missing.length > 0}>
            <Note tone="warn" title={`Still missing: ${notice().missing.join(', ')}.`} />
          </Show>
          <pre class="list-free">{notice().document}</pre>
        </PanelSection>
      )}
    </Show>
  )
}
