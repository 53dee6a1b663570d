import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createMemo, createSignal, Show, type JSX } from 'solid-js'
import { BookLock } from '../../generated/icons.tsx'
import { createLoaded, type Loaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SearchFilter, SelectFilter } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { PolicyStanding } from './policy-standing.tsx'
import { policiesFitting, reachWords } from './policy-words.ts'

type Policy = Wire<'policy.list'>['items'][number]
type Status = Wire<'policy.status'>

const statusEveryMs = 15_000
/** A set of some hundred policies is a large one; one page of the contract. */
const policiesAsked = 200
const filterNames = ['search', 'effect', 'severity'] as const

const columns: readonly Column<Policy>[] = [
  { title: 'Policy', rank: 'main', cell: (policy) => policy.id },
  { title: 'Effect', cell: (policy) => <StateMark state={policy.effect} /> },
  { title: 'Description', cell: (policy) => policy.doc },
  { title: 'Severity', cell: (policy) => policy.severity },
  {
    title: 'Applies to',
    cell: (policy) => <span title={policy.actions.join(', ')}>{reachWords(policy.actions)}</span>,
    rank: 'late',
  },
  { title: 'File', cell: (policy) => policy.file, mono: true, rank: 'late' },
]

/** Policies in force, where they apply, and whether every node has the newest ones. */
export default function Policies(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const status = createLoaded('policy.status', () => ({}), { everyMs: statusEveryMs })
  const loaded = createLoaded('policy.list', () => ({ first: policiesAsked, after: filters.value('after') }))
  return (
    <Page
      title="Policies"
      lead={
        'Policies decide every request. Anything that no policy permits is denied, and a forbid ' +
        'overrides every permit.'
      }
      actions={<ReloadPolicies status={status} onReload={loaded.reload} />}
    >
      <Split detail={props.children}>
        <Answer of={status} lines={2}>
          {(found) => <PolicyStanding status={found()} />}
        </Answer>
        <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
          <SearchFilter filters={filters} placeholder="ID, description or operation" />
          <SelectFilter
            label="Effect"
            value={filters.value('effect')}
            options={[
              ['permit', 'permit'],
              ['forbid', 'forbid'],
            ]}
            onPick={(value) => filters.set('effect', value)}
          />
          <SelectFilter
            label="Severity"
            value={filters.value('severity')}
            options={['low', 'medium', 'high', 'critical'].map((level) => [level, level] as const)}
            onPick={(value) => filters.set('severity', value)}
          />
        </FilterBar>
        <Answer of={loaded} lines={6}>
          {(page) => <PolicyTable items={page().items} nextCursor={page().nextCursor} />}
        </Answer>
      </Split>
    </Page>
  )
}

function PolicyTable(props: Wire<'policy.list'>): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const fitting = createMemo(() =>
    policiesFitting(props.items, {
      search: filters.value('search'),
      effect: filters.value('effect'),
      severity: filters.value('severity'),
    }),
  )
  return (
    <>
      <Show
        when={fitting().length > 0}
        fallback={
          <Empty
            title={
              props.items.length > 0
                ? 'No policies match these filters'
                : 'No policies are active, so everything is denied'
            }
            icon={<BookLock />}
          />
        }
      >
        <DataList
          label="Policies"
          items={fitting()}
          columns={columns}
          key={(policy) => policy.id}
          selected={params['id']}
          href={(policy) => `/policy/${encodeURIComponent(policy.id)}${location.search}`}
        />
      </Show>
      <Pager nextCursor={props.nextCursor} />
    </>
  )
}

function ReloadPolicies(props: { status: Loaded<Status>; onReload: () => Promise<void> }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const reload = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      props.status.put(await session.act('policy.reload', {}))
      await props.onReload()
      tell('Policies reloaded.')
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Acts
        of={[
          { label: 'Explain a decision', blocked: access.why('policy.explain'), href: '/policy-explain' },
          {
            label: busy() ? 'Reloading …' : 'Reload policies',
            blocked: access.why('policy.reload'),
            run: () => {
              if (!busy()) void reload()
            },
          },
        ]}
      />
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
    </>
  )
}
