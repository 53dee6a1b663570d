import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import ScrollText from 'lucide-solid/icons/scroll-text'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter, TextFilter, type Filters } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { exactWords, shortWords } from '../../ui/time.ts'
import { ListAnswer } from '../answer/list-answer.tsx'
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

/** The audit log: who did what, when, and why it was allowed. */
export default function Audit(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const loaded = createLoaded(
    'audit.search',
    () => ({ ...pageAsked(filters, textNames), kinds: kindsShown(filters.value('kind')) }) as Raw<'audit.search'>,
  )
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
      <EntryFilters filters={filters} />
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoEntries filtered={filters.any(filterNames)} />}
        label="Audit entries"
        columns={columns}
        key={(entry) => entry.id}
        selected={params['id']}
        href={(entry) => `/record/audit/${entry.id}${location.search}`}
      />
    </Page>
  )
}

function EntryFilters(props: { filters: Filters }): JSX.Element {
  const text = (name: string) => ({
    value: props.filters.value(name),
    onText: (value: string) => props.filters.set(name, value),
  })
  const pick = (name: string) => ({
    value: props.filters.value(name),
    onPick: (value: string) => props.filters.set(name, value),
  })
  const span = (): string | undefined =>
    spans.some(([one]) => one === props.filters.value('from')) ? props.filters.value('from') : undefined
  return (
    <FilterBar active={props.filters.any(filterNames)} onClear={() => props.filters.clear(filterNames)}>
      <TextFilter label="Actor" placeholder="user name or id" {...text('actor')} />
      <TextFilter label="Action" placeholder="lease.revoke" {...text('action')} />
      <SelectFilter label="Show" none="all but reads" options={kinds} {...pick('kind')} />
      <SelectFilter label="Outcome" options={outcomes} {...pick('outcome')} />
      <SelectFilter label="Time" value={span()} options={spans} onPick={(value) => props.filters.set('from', value)} />
      <TextFilter label="From" placeholder="2026-11-23" {...text('from')} />
      <TextFilter label="To" placeholder="2026-11-24" {...text('to')} />
      <Show when={props.filters.value('resource')}>
        <TextFilter label="Resource ID" {...text('resource')} />
      </Show>
    </FilterBar>
  )
}

function NoEntries(props: { filtered: boolean }): JSX.Element {
  return (
    <Empty title={props.filtered ? 'No entries match these filters' : 'No entries yet'} icon={<ScrollText />}>
      {props.filtered ? 'Extend the time range or clear a filter.' : 'Entries appear with the first request.'}
    </Empty>
  )
}
