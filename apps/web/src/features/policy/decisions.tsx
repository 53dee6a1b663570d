import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { Scale } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter, TextFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { kindOptions, kindsShown, shownByItself, withShortId } from '../audit/audit-words.ts'
import { NothingRecorded } from '../audit/nothing-recorded.tsx'
import { createPersonNames } from '../people/person-names.tsx'
import { callerWords, thingWords } from './policy-words.ts'

type Decision = Wire<'decision.list'>['items'][number]

const textNames = ['actor', 'action', 'effect', 'policy', 'from', 'to'] as const
const filterNames = [...textNames, 'kind'] as const
const spans = [
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['1d', 'last day'],
  ['7d', 'last week'],
  ['30d', 'last 30 days'],
] as const

const columnsFor = (names: () => ReadonlyMap<string, string>): readonly Column<Decision>[] => [
  { title: 'Operation', rank: 'main', cell: ({ action }) => action },
  { title: 'Decided', cell: ({ at }) => <Moment at={at} /> },
  { title: 'Effect', cell: ({ effect }) => <StateMark state={effect} /> },
  { title: 'Caller', cell: ({ principal }) => callerWords(principal, names()) },
  { title: 'Policies', cell: ({ policies }) => policies.join(', ') || <span class="muted">no policy permits it</span> },
  {
    title: 'On',
    cell: ({ resource }) => (
      <span title={thingWords(resource, names())}>{withShortId(thingWords(resource, names()))}</span>
    ),
    rank: 'late',
  },
]

/** What was decided, newest first, and by which policies. */
export default function Decisions(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const names = createPersonNames()
  const kinds = () => kindsShown(filters.value('kind'), filters.value('action'))
  const loaded = createLoaded(
    'decision.list',
    () => ({ ...pageAsked(filters, textNames), kinds: kinds() }) as Raw<'decision.list'>,
  )
  const text = (name: string) => ({ value: filters.value(name), onText: (value: string) => filters.set(name, value) })
  return (
    <Page
      title="Decisions"
      lead="Every recorded decision: who asked for what, what was decided, and by which policies."
      actions={
        <Button busy={loaded.loading()} onClick={() => void loaded.reload()}>
          Refresh
        </Button>
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <TextFilter label="Caller" placeholder="user name or ID" {...text('actor')} />
        <TextFilter label="Operation" placeholder="lease.revoke" {...text('action')} />
        <SelectFilter
          label="Show"
          none={shownByItself(filters.value('action'))}
          value={filters.value('kind')}
          options={kindOptions}
          onPick={(value) => filters.set('kind', value)}
        />
        <SelectFilter
          label="Effect"
          value={filters.value('effect')}
          options={[
            ['allow', 'allow'],
            ['deny', 'deny'],
          ]}
          onPick={(value) => filters.set('effect', value)}
        />
        <TextFilter label="Policy" placeholder="viewer-read-only" {...text('policy')} />
        <SelectFilter
          label="Time"
          value={filters.value('from')}
          options={spans}
          onPick={(value) => filters.set('from', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <NothingRecorded
            of="decisions"
            icon={<Scale />}
            filters={filters}
            filtered={filters.any(filterNames)}
            kinds={kinds()}
          />
        }
        label="Decisions"
        columns={columnsFor(names)}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/decisions/${id}${location.search}`}
      />
    </Page>
  )
}
