import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { Show, type Accessor, type JSX } from 'solid-js'
import { ClipboardCheck } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { createNow } from '../../ui/clock.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { CountDown } from './count-down.tsx'
import { endWords, reviewMark, secondsOf, type Emergency } from './emergency-words.ts'
import { createEndings, type Ending } from './endings.ts'

const filterNames = ['state', 'unreviewed'] as const
const states = [
  ['active', 'active'],
  ['ended', 'ended'],
] as const
const reviews = [['true', 'not reviewed']] as const
const listEveryMs = 10_000

const columnsBy = (now: Accessor<number>): readonly Column<Ending<Emergency>>[] => [
  { title: 'Session', rank: 'main', cell: (session) => `${session.requesterName} · ${session.workspaceName}` },
  { title: 'State', cell: (session) => <StateMark state={session.state} /> },
  { title: 'Review', cell: (session) => <StateMark state={reviewMark(session, now())} /> },
  { title: 'Incident', cell: (session) => session.incident, rank: 'late', free: true },
  {
    title: 'Ended because',
    cell: (session) => (session.endedBy === null ? <span class="muted">—</span> : endWords[session.endedBy]),
    rank: 'late',
  },
  { title: 'Ends', cell: (session) => <SessionClock session={session} now={now} /> },
]

/** What is left of an emergency session, or when it ended. */
export function SessionClock(props: { session: Ending<Emergency>; now: Accessor<number> }): JSX.Element {
  return (
    <Show
      when={props.session.state === 'active' && props.session.endsAt}
      fallback={
        <span class="muted">
          ended <Moment at={props.session.endedAt} />
        </span>
      }
    >
      {(endsAt) => <CountDown endsAt={endsAt()} ofSeconds={secondsOf(props.session)} now={props.now} />}
    </Show>
  )
}

/** Emergency sessions: active ones, and those that have to be reviewed. */
export default function EmergencySessions(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const now = createNow()
  const loaded = createLoaded(
    'emergencySession.list',
    () =>
      ({
        first: 50,
        after: filters.value('after'),
        state: filters.value('state'),
        unreviewed: filters.value('unreviewed') === 'true' ? true : undefined,
      }) as Raw<'emergencySession.list'>,
    { everyMs: listEveryMs },
  ) // values of the URL; the server refuses strangers
  return (
    <Page
      title="Emergency sessions"
      lead="Each one is reviewed within 48 hours of its end, by somebody other than the person whose it was."
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={states}
          onPick={(value) => filters.set('state', value)}
        />
        <SelectFilter
          label="Review"
          value={filters.value('unreviewed')}
          options={reviews}
          onPick={(value) => filters.set('unreviewed', value)}
        />
      </FilterBar>
      <ListAnswer
        of={createEndings(loaded)}
        detail={props.children}
        empty={<NoSessions filtered={filters.any(filterNames)} />}
        label="Emergency sessions"
        columns={columnsBy(now)}
        key={(session) => session.id}
        selected={params['id']}
        href={(session) => `/emergency/sessions/${session.id}${location.search}`}
      />
    </Page>
  )
}

function NoSessions(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No emergency sessions match these filters" />}>
      <Empty
        title="No emergency sessions"
        icon={<ClipboardCheck />}
        command="npx --no-install gatehouse emergency-session list"
      >
        An approved request becomes an emergency session when it is activated. Those that have ended wait here for their
        review.
      </Empty>
    </Show>
  )
}
