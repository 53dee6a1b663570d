import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import ScrollText from 'lucide-solid/icons/scroll-text'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter, TextFilter } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { exactWords, shortWords } from '../../ui/time.ts'
import { Answer } from '../answer/answer.tsx'
import { kindsShown, policyWords, resourceShort, resourceWords, whoWords } from './audit-words.ts'
import { Verification } from './verification.tsx'

type Entry = Wire<'audit.get'>

const textNames = ['actor', 'action', 'outcome', 'from', 'to', 'resource'] as const
const filterNames = [...textNames, 'kind'] as const
const kinds = [
  ['all', 'everything'],
  ['change', 'changes'],
  ['refusal', 'refusals'],
  ['event', 'events'],
  ['read', 'reads'],
] as const
const outcomes = [
  ['allowed', 'allowed'],
  ['refused', 'refused'],
  ['failed', 'failed'],
  ['intent', 'in progress'],
  ['unknown', 'unknown'],
] as const
const spans = [
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['1d', 'last day'],
  ['7d', 'last week'],
  ['30d', 'last 30 days'],
] as const

const columns: readonly Column<Entry>[] = [
  { title: 'Action', rank: 'main', cell: (entry) => entry.action },
  {
    title: 'Outcome',
    cell: (entry) => (
      <span class="row">
        <StateMark state={entry.outcome} />
        <Show when={entry.refusal}>{(code) => <span class="muted">{code()}</span>}</Show>
      </span>
    ),
  },
  { title: 'Actor', cell: whoWords },
  {
    title: 'Resource',
    cell: (entry) => <span title={resourceWords(entry)}>{resourceShort(entry)}</span>,
    rank: 'late',
  },
  { title: 'Policies', cell: (entry) => <span class="muted">{policyWords(entry)}</span>, rank: 'late' },
  {
    title: 'Time',
    cell: (entry) => (
      <time class="nowrap" datetime={entry.at} title={exactWords(entry.at)}>
        {shortWords(entry.at)}
      </time>
    ),
  },
  { title: 'No.', cell: (entry) => entry.seq ?? 'pending', rank: 'late', mono: true },
]

/** The record: who did what, when, and why it was allowed. */
export default function Audit(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const input = (): Raw<'audit.search'> =>
    ({
      first: 50,
      after: filters.value('after'),
      kinds: kindsShown(filters.value('kind')),
      ...Object.fromEntries(textNames.map((name) => [name, filters.value(name)])),
    }) as Raw<'audit.search'> // values of the URL; the server refuses strangers
  const loaded = createLoaded('audit.search', input)
  return (
    <Page
      title="Audit log"
      lead={
        'Every request with its outcome and the policies that decided. Entries are chained, so ' +
        'tampering is detectable.'
      }
      actions={
        <Button onClick={() => void loaded.reload()} busy={loaded.loading()}>
          Refresh
        </Button>
      }
    >
      <Verification />
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <TextFilter
          label="Actor"
          placeholder="user name or id"
          value={filters.value('actor')}
          onText={(value) => filters.set('actor', value)}
        />
        <TextFilter
          label="Action"
          placeholder="lease or lease.revoke"
          value={filters.value('action')}
          onText={(value) => filters.set('action', value)}
        />
        <SelectFilter
          label="Show"
          none="all but reads"
          value={filters.value('kind')}
          options={kinds}
          onPick={(value) => filters.set('kind', value)}
        />
        <SelectFilter
          label="Outcome"
          value={filters.value('outcome')}
          options={outcomes}
          onPick={(value) => filters.set('outcome', value)}
        />
        <SelectFilter
          label="Time"
          value={spans.some(([span]) => span === filters.value('from')) ? filters.value('from') : undefined}
          options={spans}
          onPick={(value) => filters.set('from', value)}
        />
        <TextFilter
          label="From"
          placeholder="2026-11-23"
          value={filters.value('from')}
          onText={(value) => filters.set('from', value)}
        />
        <TextFilter
          label="To"
          placeholder="2026-11-24"
          value={filters.value('to')}
          onText={(value) => filters.set('to', value)}
        />
        <Show when={filters.value('resource')}>
          {(id) => <TextFilter label="Resource ID" value={id()} onText={(value) => filters.set('resource', value)} />}
        </Show>
      </FilterBar>
      <Split detail={props.children}>
        <Answer of={loaded} lines={8}>
          {(page) => (
            <>
              <Show
                when={page().items.length > 0}
                fallback={
                  <Empty
                    title={filters.any(filterNames) ? 'No entries match these filters' : 'No entries yet'}
                    icon={<ScrollText />}
                  >
                    {filters.any(filterNames)
                      ? 'Extend the time range or clear a filter.'
                      : 'Entries appear with the first request.'}
                  </Empty>
                }
              >
                <DataList
                  label="Audit entries"
                  items={page().items}
                  columns={columns}
                  key={(entry) => entry.id}
                  selected={params['id']}
                  href={(entry) => `/record/audit/${entry.id}${location.search}`}
                />
              </Show>
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
    </Page>
  )
}
