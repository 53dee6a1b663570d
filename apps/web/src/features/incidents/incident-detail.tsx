import { useParams } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type Component, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts, type Act } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment, Moment, Since } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel, type Fact } from '../../ui/panel.tsx'
import { exactWords } from '../../ui/time.ts'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { EditIncident, TakeOver } from './edit-incident.tsx'
import { EvidenceSection } from './evidence.tsx'
import { AddNote, CloseIncident, MoveIncident, type ActProps } from './incident-acts.tsx'
import { clockHint, clockName, clockState, wordsOf } from './incident-words.ts'
import { NoticeSection } from './notice.tsx'
import { Timeline } from './timeline.tsx'
import { Work } from './work.tsx'
import './incidents.css'

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

/** What can be done with an incident as a whole, each in a dialog of its own. */
const dialogs = {
  move: MoveIncident,
  close: CloseIncident,
  note: AddNote,
  edit: EditIncident,
  takeOver: TakeOver,
} as const satisfies Readonly<Record<string, Component<ActProps>>>
type DialogName = keyof typeof dialogs

function IncidentFacts(props: { incident: Incident; reload: () => void }): JSX.Element {
  const [open, setOpen] = createSignal<DialogName | null>(null)
  return (
    <>
      <div class="row">
        <StateMark state={props.incident.severity} />
        <span>{wordsOf(props.incident.state)}</span>
        <span class="muted">
          <Since at={props.incident.stateSince} />
        </span>
      </div>
      <Show when={props.incident.notifiedAt === null ? props.incident.authorityDueAt : null}>
        {(dueAt) => (
          <Note tone="bad" title="Personal data is affected, and the authority has not been notified.">
            Due <Moment at={dueAt()} />: 72 hours from the detection (GDPR Art. 33).
          </Note>
        )}
      </Show>
      <Show when={!props.incident.whole}>
        <p class="muted">You opened it. What others noted and found is shown to those who lead it.</p>
      </Show>
      <IncidentActs incident={props.incident} onPick={setOpen} />
      <Show when={props.incident.description !== ''}>
        <p class="incident-text">{props.incident.description}</p>
      </Show>
      <Clocks incident={props.incident} />
      <Facts of={factsOf(props.incident)} />
      <WorkflowLink url={props.incident.workflowUrl} />
      <NoticeSection incident={props.incident} reload={props.reload} />
      <Timeline steps={props.incident.timeline} />
      <Work incident={props.incident} reload={props.reload} />
      <EvidenceSection incident={props.incident} reload={props.reload} />
      <Show when={open()}>
        {(name) => (
          <Dynamic
            component={dialogs[name()]}
            incident={props.incident}
            onDone={() => props.reload()}
            onClose={() => setOpen(null)}
          />
        )}
      </Show>
    </>
  )
}

function IncidentActs(props: { incident: Incident; onPick: (open: DialogName) => void }): JSX.Element {
  const access = useAccess()
  const session = useSession()
  const update = (label: string, name: DialogName): Act => ({
    label,
    blocked: access.why('incident.update'),
    run: () => props.onPick(name),
  })
  const forward = (): Act => {
    const closes = props.incident.nextStates.includes('closed')
    return {
      label: closes ? 'Close incident' : 'Change state',
      look: 'primary',
      blocked: access.why(closes ? 'incident.close' : 'incident.transition'),
      run: () => props.onPick(closes ? 'close' : 'move'),
    }
  }
  const emergency = (): Act => ({
    label: 'Request emergency access',
    blocked: access.why('breakGlass.request'),
    href: `/emergency/new?incident=${props.incident.id}`,
  })
  const isOver = (): boolean => props.incident.nextStates.length === 0
  const isMine = (): boolean => props.incident.owner === session.me()?.username
  const takeOver = (): Act[] => (isMine() ? [] : [update('Take over', 'takeOver')])
  const note = (): Act => update('Add note', 'note')
  return <Acts of={isOver() ? [note()] : [forward(), note(), ...takeOver(), update('Edit', 'edit'), emergency()]} />
}

function Clocks(props: { incident: Incident }): JSX.Element {
  return (
    <Show when={props.incident.clocks.length > 0}>
      <PanelSection title="Clocks">
        <ul class="incident-list">
          <For each={props.incident.clocks}>
            {(clock) => (
              <li>
                <p class="row">
                  <strong>{clockName(clock.name)}</strong>
                  <StateMark state={clockState(clock)} />
                </p>
                <p class="muted">
                  <Moment at={clock.dueAt} />
                  <span class="nowrap">, {exactWords(clock.dueAt)}</span>
                  <Show when={clock.state === 'waiting'}>. {clockHint(clock.name)}</Show>
                </p>
              </li>
            )}
          </For>
        </ul>
      </PanelSection>
    </Show>
  )
}
