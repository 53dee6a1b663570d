import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { createSignal, Show, type Accessor, type JSX } from 'solid-js'
import { Siren } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { ActiveCards } from './active-cards.tsx'
import { BeginDrill } from './drills.tsx'
import { createEndings, type Ending } from './endings.ts'
import { standingWords, stateMark, type Request } from './emergency-words.ts'
import { RequestClock } from './request-clock.tsx'
import './emergency.css'

const filterNames = ['state', 'drill'] as const
const states = [
  ['pending', 'waiting for approval'],
  ['approved', 'approved'],
  ['active', 'active'],
  ['denied', 'denied'],
  ['cancelled', 'cancelled'],
  ['lapsed', 'not approved in time'],
  ['ended', 'ended'],
] as const
/** Somebody waits for each of these at night. */
const listEveryMs = 5000

const columnsBy = (now: Accessor<number>): readonly Column<Ending<Request>>[] => [
  { title: 'Request', rank: 'main', cell: (request) => `${request.requesterName} · ${request.workspaceName}` },
  { title: 'State', cell: (request) => <StateMark state={stateMark(request)} /> },
  { title: 'Severity', cell: (request) => <StateMark state={request.severity} /> },
  { title: 'Status', cell: standingWords, rank: 'late', free: true },
  { title: 'Incident', cell: (request) => request.incident, rank: 'late', free: true },
  { title: 'Ends', cell: (request) => <RequestClock request={request} now={now} /> },
]

const scoreColumn: Column<Ending<Request>> = {
  title: 'Score',
  cell: ({ drillScore }) => (drillScore === null ? 'not over' : `${drillScore} of 100`),
}

/** The board of emergency access: what is active, what waits for whom, what there was. */
export default function Requests(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const now = createNow()
  const loaded = createLoaded(
    'breakGlass.list',
    () =>
      ({
        first: 50,
        after: filters.value('after'),
        state: filters.value('state'),
        drill: filters.value('drill') === 'true',
      }) as Raw<'breakGlass.list'>,
    { everyMs: listEveryMs },
  ) // values of the URL; the server refuses strangers
  return (
    <Page
      title="Break-glass"
      lead="Emergency access: for one workspace, named actions and at most four hours, approved by people of two teams."
      actions={<AskAct />}
    >
      <ActiveCards now={now} />
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={states}
          onPick={(value) => filters.set('state', value)}
        />
        <SelectFilter
          label="Show"
          value={filters.value('drill')}
          options={[['true', 'drills']]}
          none="requests"
          onPick={(value) => filters.set('drill', value)}
        />
      </FilterBar>
      <ListAnswer
        of={createEndings(loaded)}
        detail={props.children}
        empty={<NoRequests filtered={filters.any(filterNames)} />}
        label="Requests"
        columns={filters.value('drill') === 'true' ? [...columnsBy(now), scoreColumn] : columnsBy(now)}
        key={(request) => request.id}
        selected={params['id']}
        href={(request) => `/emergency/requests/${request.id}${location.search}`}
      />
    </Page>
  )
}

function AskAct(): JSX.Element {
  const access = useAccess()
  const [drilling, setDrilling] = createSignal(false)
  return (
    <>
      <Acts
        of={[
          { label: 'Begin a drill', blocked: access.why('breakGlass.drill'), run: () => setDrilling(true) },
          {
            label: 'Request emergency access',
            look: 'primary',
            blocked: access.why('breakGlass.request'),
            href: '/emergency/new',
          },
        ]}
      />
      <Show when={drilling()}>
        <BeginDrill onClose={() => setDrilling(false)} />
      </Show>
    </>
  )
}

function NoRequests(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No requests match these filters" />}>
      <Empty
        title="No requests for emergency access"
        icon={<Siren />}
        command={'npx --no-install gatehouse break-glass request --incident INC-7 --severity critical …'}
      >
        When something is down and your own access does not reach it, request emergency access. People of two teams
        approve it here, on a phone if need be. Everything that is done with it is audited and reviewed.
      </Empty>
    </Show>
  )
}
