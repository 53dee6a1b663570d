import { useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { given, givenList } from '../../ui/form.ts'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { CalendarDialog } from './calendar-dialog.tsx'
import { nowWords, shiftWords } from './calendar-words.ts'
import { environmentOptions, isEnvironment, TierMark } from './tiers.tsx'

type Workspace = Wire<'workspace.get'>
type Calendar = Wire<'calendar.get'>

const askedEveryMs = 30_000

/** One workspace: where it stands, who sees it, and when people work there. */
export default function WorkspaceDetail(): JSX.Element {
  const params = useParams()
  const id = (): string => decodeURIComponent(params['id'] ?? '')
  const loaded = createLoaded('workspace.get', () => ({ id: id() }))
  return (
    <SidePanel kind="Workspace" title={loaded.data()?.name ?? 'Workspace'} back="/workspaces">
      <Answer of={loaded}>{(workspace) => <WorkspaceFacts workspace={workspace()} onChange={loaded.put} />}</Answer>
      <CalendarSection workspace={id()} />
    </SidePanel>
  )
}

function WorkspaceFacts(props: { workspace: Workspace; onChange: (workspace: Workspace) => void }): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<'update' | 'archive' | null>(null)
  return (
    <>
      <div class="row">
        <TierMark tier={props.workspace.tier} />
      </div>
      <Facts
        of={[
          ['Environment', props.workspace.environment],
          ['Teams', props.workspace.teams.join(', ') || <span class="muted">none: nobody sees it</span>],
          ['Time zone', props.workspace.timeZone],
          ['Created', <ExactMoment at={props.workspace.createdAt} />],
          ['ID', <code>{props.workspace.id}</code>],
        ]}
      />
      <Acts
        of={[
          { label: 'Edit', blocked: access.why('workspace.update'), run: () => setAct('update') },
          { label: 'Archive', look: 'danger', blocked: access.why('workspace.archive'), run: () => setAct('archive') },
        ]}
      />
      <Show when={act() === 'update'}>
        <UpdateWorkspace workspace={props.workspace} onDone={props.onChange} onClose={() => setAct(null)} />
      </Show>
      <Show when={act() === 'archive'}>
        <ActDialog
          name="workspace.archive"
          title={`Archive ${props.workspace.name}?`}
          verb="Archive"
          look="danger"
          typed={props.workspace.name}
          initial={{ reason: '' }}
          onClose={() => setAct(null)}
          onDone={() => navigate('/workspaces')}
          input={({ reason = '' }) => ({ id: props.workspace.id, reason })}
          done={() => `${props.workspace.name} archived.`}
        >
          <p>
            Nothing can be put into it any more, and nobody sees it in lists. It is refused while a host or an active
            credential is in it. What happened in it stays in the audit log.
          </p>
        </ActDialog>
      </Show>
    </>
  )
}

function UpdateWorkspace(props: {
  workspace: Workspace
  onDone: (workspace: Workspace) => void
  onClose: () => void
}): JSX.Element {
  /** What is not changed is not sent: it may need rights that the rest does not. */
  const changed = (text: string | undefined, before: string): string | undefined =>
    text === undefined || text.trim() === before ? undefined : given(text)
  const teamsBefore = (): string => props.workspace.teams.join(', ')
  return (
    <ActDialog
      name="workspace.update"
      title={`Edit ${props.workspace.name}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: props.workspace.name, environment: props.workspace.environment, teams: teamsBefore() }}
      input={({ name, environment = '', teams }) => ({
        id: props.workspace.id,
        name: changed(name, props.workspace.name),
        environment:
          isEnvironment(environment) && environment !== props.workspace.environment ? environment : undefined,
        teams: (teams ?? '').trim() === teamsBefore() ? undefined : (givenList(teams) ?? []),
      })}
      done={({ name }) => `${name} saved.`}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={form.values()['name']}
            problem={form.problem('name')}
            onText={form.set('name')}
          />
          <SelectField
            label="Environment"
            value={form.values()['environment'] ?? ''}
            options={environmentOptions}
            problem={form.problem('environment')}
            onText={form.set('environment')}
          />
          <TextField
            label="Teams that see it"
            hint="Names, separated by commas."
            autocomplete="off"
            value={form.values()['teams']}
            problem={form.problem('teams')}
            onText={form.set('teams')}
          />
        </>
      )}
    >
      <p class="muted">Teams that are taken out lose what they can do in it at once.</p>
    </ActDialog>
  )
}

function CalendarSection(props: { workspace: string }): JSX.Element {
  const access = useAccess()
  const [setting, setSetting] = createSignal(false)
  const loaded = createLoaded('calendar.get', () => ({ id: props.workspace }), { everyMs: askedEveryMs })
  return (
    <PanelSection title="Calendar">
      <Answer of={loaded}>
        {(calendar) => (
          <>
            <p>{nowWords(calendar())}</p>
            <CalendarFacts calendar={calendar()} />
            <Acts
              of={[{ label: 'Change calendar', blocked: access.why('calendar.set'), run: () => setSetting(true) }]}
            />
            <Show when={setting()}>
              <CalendarDialog calendar={calendar()} onDone={loaded.put} onClose={() => setSetting(false)} />
            </Show>
          </>
        )}
      </Answer>
    </PanelSection>
  )
}

/** Days and shifts that are listed; all of them stand in the dialog that changes them. */
const listedMax = 8

function CalendarFacts(props: { calendar: Calendar }): JSX.Element {
  return (
    <Facts
      of={[
        [
          'Time zone',
          <>
            {props.calendar.timeZone}
            <Show when={!props.calendar.ownTimeZone}>
              <span class="muted"> (of the environment)</span>
            </Show>
          </>,
        ],
        [
          'Hours',
          props.calendar.businessHours.length === 0 ? (
            <span class="muted">none: it is never business hours</span>
          ) : (
            props.calendar.businessHours.join(', ')
          ),
        ],
        [
          'Holidays',
          props.calendar.holidays.length === 0 ? <span class="muted">none</span> : shortened(props.calendar.holidays),
        ],
        [
          'On call now',
          props.calendar.now.onCall.length === 0 ? (
            <span class="muted">no one</span>
          ) : (
            props.calendar.now.onCall.join(', ')
          ),
        ],
        ['Shifts', <Shifts of={props.calendar.onCall} timeZone={props.calendar.timeZone} />],
        [
          'Changed',
          props.calendar.updatedAt === null ? undefined : (
            <>
              <Moment at={props.calendar.updatedAt} />
              <Show when={props.calendar.updatedBy}>{(name) => <> by {name()}</>}</Show>
            </>
          ),
        ],
      ]}
    />
  )
}

function Shifts(props: { of: Calendar['onCall']; timeZone: string }): JSX.Element {
  return (
    <Show when={props.of.length > 0} fallback={<span class="muted">none</span>}>
      <ul class="stack-tight">
        <For each={props.of.slice(0, listedMax)}>
          {(shift) => (
            <li>
              {shift.username}: {shiftWords(shift, props.timeZone)}
            </li>
          )}
        </For>
        <Show when={props.of.length > listedMax}>
          <li class="muted">and {props.of.length - listedMax} more</li>
        </Show>
      </ul>
    </Show>
  )
}

const shortened = (days: readonly string[]): string =>
  days.length > listedMax
    ? `${days.slice(0, listedMax).join(', ')} and ${days.length - listedMax} more`
    : days.join(', ')
