import { useLocation, useNavigate, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Siren } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { kindOptions, nextDue, severityOptions, wordsOf } from './incident-words.ts'

type Summary = Wire<'incident.list'>['items'][number]

const filterNames = ['state', 'severity'] as const
const askedEveryMs = 10_000

const columns: readonly Column<Summary>[] = [
  { title: 'Incident', rank: 'main', cell: ({ title }) => title, free: true },
  { title: 'Severity', cell: ({ severity }) => <StateMark state={severity} /> },
  { title: 'State', cell: ({ state }) => wordsOf(state) },
  { title: 'Owner', cell: ({ owner }) => owner ?? <span class="muted">none</span> },
  { title: 'Next due', cell: (incident) => <Moment at={nextDue(incident)} none="nothing" /> },
  { title: 'Opened', cell: ({ openedAt }) => <Moment at={openedAt} />, rank: 'late' },
]

const stateOptions = [
  'detected',
  'triaged',
  'contained',
  'eradicated',
  'recovered',
  'post-mortem',
  'closed',
  'false-positive',
].map((state) => [state, wordsOf(state)] as const)

/** Incidents: where each stands, who leads it, what is due next. */
export default function Incidents(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const [opening, setOpening] = createSignal(false)
  const seesAll = (): boolean => access.mayWhole('incident.list')
  const asked = (): Raw<'incident.list'> | null =>
    access.known()
      ? { ...(pageAsked(filters, filterNames) as Raw<'incident.list'>), ...(seesAll() ? {} : { mine: true }) }
      : null
  const loaded = createLoaded('incident.list', asked, { everyMs: askedEveryMs })
  const filtered = (): boolean => filters.any(filterNames)
  return (
    <Page
      title="Incidents"
      lead={`What happened, who leads it and what is due next${
        access.known() && !seesAll() ? ': the incidents that you opened or lead' : ''
      }.`}
      actions={
        <Show when={access.may('incident.open')}>
          <Button look="primary" onClick={() => setOpening(true)}>
            Open incident
          </Button>
        </Show>
      }
    >
      <FilterBar active={filtered()} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={stateOptions}
          onPick={(value) => filters.set('state', value)}
        />
        <SelectFilter
          label="Severity"
          value={filters.value('severity')}
          options={severityOptions.map(
            ([value]) => [value, value === 'critical' ? value : `${value} or worse`] as const,
          )}
          onPick={(value) => filters.set('severity', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoIncidents filtered={filtered()} />}
        label="Incidents"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/incidents/${id}${location.search}`}
      />
      <Show when={opening()}>
        <OpenIncident onDone={() => void loaded.reload()} onClose={() => setOpening(false)} />
      </Show>
    </Page>
  )
}

function NoIncidents(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No incidents match these filters" icon={<Siren />} />}>
      <Empty title="No incidents" icon={<Siren />} command="npx --no-install gatehouse incident open --help">
        Open one when something has happened that several people have to work on, or that has to be explained later.
      </Empty>
    </Show>
  )
}

function OpenIncident(props: { onDone: () => void; onClose: () => void }): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="incident.open"
      title="Open an incident"
      verb="Open incident"
      look="primary"
      onClose={props.onClose}
      onDone={({ id }) => {
        props.onDone()
        navigate(`/incidents/${id}`)
      }}
      initial={{ title: '', severity: 'high', kind: 'other' }}
      input={({ title, severity, kind }) => ({ title, severity, kind }) as Raw<'incident.open'>}
      done={() => 'Incident opened.'}
      fields={(form) => (
        <>
          <TextField
            label="Title"
            hint="What happened, in one line."
            autocomplete="off"
            value={form.values()['title'] ?? ''}
            problem={form.problem('title')}
            onText={form.set('title')}
          />
          <SelectField
            label="Severity"
            hint="How soon somebody has to respond: critical 15 minutes, high 1 hour, medium 8 hours, low 3 days."
            value={form.values()['severity'] ?? ''}
            options={severityOptions}
            problem={form.problem('severity')}
            onText={form.set('severity')}
          />
          <SelectField
            label="Kind"
            value={form.values()['kind'] ?? ''}
            options={kindOptions}
            problem={form.problem('kind')}
            onText={form.set('kind')}
          />
        </>
      )}
    >
      <p>Its response clock starts now. Those on call are told if it is high or critical.</p>
    </ActDialog>
  )
}
