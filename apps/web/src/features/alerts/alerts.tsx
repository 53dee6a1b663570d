import { A, useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
import { BellRing } from '../../generated/icons.tsx'
import { keepWatching } from '../../keep-watching.ts'
import { createLoaded } from '../../loading.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { aboutWords, severityOptions } from './alert-words.ts'

type Alert = Wire<'alert.list'>['items'][number]

const filterNames = ['state', 'severity'] as const

const columns: readonly Column<Alert>[] = [
  {
    title: 'Alert',
    rank: 'main',
    cell: (alert) => (
      <>
        {alert.title} <span class="muted">{aboutWords(alert)}</span>
      </>
    ),
    free: true,
  },
  { title: 'Severity', cell: ({ severity }) => <StateMark state={severity} /> },
  { title: 'Times', cell: ({ count }) => count, rank: 'late' },
  { title: 'Last', cell: ({ lastAt }) => <Moment at={lastAt} /> },
  {
    title: 'State',
    cell: ({ state, undeliveredAt }) => (
      <StateMark state={state === 'open' && undeliveredAt !== null ? 'not delivered' : state} />
    ),
  },
]

/** What was found and needs a person, as it comes. */
export default function Alerts(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const loaded = createLoaded('alert.list', () => pageAsked(filters, filterNames) as Raw<'alert.list'>)
  followAlerts(() => void loaded.reload())
  const filtered = (): boolean => filters.any(filterNames)
  return (
    <Page
      title="Alerts"
      lead="What needs attention. This list updates by itself."
      actions={
        <Show when={access.may('alertChannel.list')}>
          <LinkButton href="/alert-channels">Alert channels</LinkButton>
        </Show>
      }
    >
      <FilterBar active={filtered()} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={[
            ['open', 'open'],
            ['acknowledged', 'acknowledged'],
          ]}
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
        empty={<NoAlerts filtered={filtered()} />}
        label="Alerts"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/alerts/${id}${location.search}`}
      />
    </Page>
  )
}

function NoAlerts(props: { filtered: boolean }): JSX.Element {
  const access = useAccess()
  return (
    <Show when={!props.filtered} fallback={<Empty title="No alerts match these filters" icon={<BellRing />} />}>
      <Empty title="No alerts" icon={<BellRing />} command="npx --no-install gatehouse alert stream">
        One is raised when log-ins keep failing, a credential cannot be revoked, or emergency access is used.{' '}
        <Show
          when={access.may('alertChannel.list')}
          fallback="An administrator can have them sent by email or to a chat."
        >
          To receive them by email or in a chat, add an <A href="/alert-channels">alert channel</A>.
        </Show>
      </Empty>
    </Show>
  )
}

/** Several that come at once are one look at the list. */
const settleMs = 400
/** The open ones come first when a stream opens; they are no news. */
const snapshotMs = 1_500

/** Asks the list again as alerts come, and says new ones aloud. */
function followAlerts(onChange: () => void): void {
  const { say } = useNotices()
  const [timer, setTimer] = createSignal<ReturnType<typeof setTimeout>>()
  onCleanup(() => clearTimeout(timer()))
  keepWatching('alert.stream', {}, () => {
    let openedAt = Number.POSITIVE_INFINITY
    return {
      onOpen: () => {
        openedAt = performance.now()
      },
      onItem: ({ state, severity, title, count }) => {
        if (performance.now() - openedAt < snapshotMs) return
        if (state === 'open' && count === 1) say(`New ${severity} alert: ${title}`)
        clearTimeout(timer())
        setTimer(setTimeout(onChange, settleMs))
      },
    }
  })
}
