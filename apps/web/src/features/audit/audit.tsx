import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Bookmark, FileDown, Pause, Radio, ScrollText } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { createFilters, pageAsked, type Filters } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { exactWords, shortWords } from '../../ui/time.ts'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames } from '../people/person-names.tsx'
import { thingWords } from '../policy/policy-words.ts'
import { policyWords, whoWords, withShortId } from './audit-words.ts'
import { EntryFilters } from './entry-filters.tsx'
import { filterNames, searchAsked, tailAsked } from './entry-search.ts'
import { Facets } from './facets.tsx'
import { HiddenPeople } from './hidden-people.tsx'
import { followEntries } from './live-entries.ts'
import { NothingRecorded } from './nothing-recorded.tsx'
import { SavedSearches, SaveSearch } from './saved-searches.tsx'
import { Verification } from './verification.tsx'

type Entry = Wire<'audit.get'>

const columnsOf = (exact: boolean, names: () => ReadonlyMap<string, string>): readonly Column<Entry>[] => [
  { title: 'Action', rank: 'main', cell: (entry) => entry.action },
  {
    title: 'Time',
    cell: (entry) => (
      <Show when={exact} fallback={<Moment at={entry.at} />}>
        <time class="nowrap" datetime={entry.at} title={exactWords(entry.at)}>
          {shortWords(entry.at)}
        </time>
      </Show>
    ),
  },
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
    cell: ({ resource }) => (
      <span title={thingWords(resource, names())}>{withShortId(thingWords(resource, names()))}</span>
    ),
    rank: 'late',
  },
  { title: 'Severity', cell: (entry) => <SeverityMark of={entry.severity} />, rank: 'late' },
  { title: 'Policies', cell: (entry) => <span class="muted">{policyWords(entry)}</span>, rank: 'late' },
  { title: 'No.', cell: (entry) => entry.seq ?? 'pending', rank: 'late', mono: true },
]

/** Most entries weigh little: only those that weigh something stand out. */
function SeverityMark(props: { of: Entry['severity'] }): JSX.Element {
  return (
    <Show when={props.of === 'high' || props.of === 'critical'} fallback={<span class="muted">{props.of}</span>}>
      <StateMark state={props.of} />
    </Show>
  )
}

/** The audit log: who did what, when, and why it was allowed. */
export default function Audit(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const names = createPersonNames()
  const [saving, setSaving] = createSignal(false)
  const exact = (): boolean => filters.value('times') === 'exact'
  /** Only the newest page changes by itself. */
  const isLive = (): boolean =>
    filters.value('live') === 'on' && !['after', 'sort', 'to'].some((name) => filters.value(name) !== undefined)
  const loaded = createLoaded(
    'audit.search',
    () => ({ ...pageAsked(filters, ['sort']), ...searchAsked(filters) }) as Raw<'audit.search'>,
  )
  followEntries({ loaded, asked: () => tailAsked(filters), when: isLive })
  return (
    <Page
      title="Audit log"
      lead={
        'Every request with its outcome and the policies that decided. Entries are chained, so ' +
        'tampering is detectable.'
      }
      actions={
        <AuditActions
          filters={filters}
          live={isLive()}
          busy={!isLive() && loaded.loading()}
          reload={() => void loaded.reload()}
          save={() => setSaving(true)}
        />
      }
    >
      <Verification />
      <SavedSearches />
      <EntryFilters filters={filters} />
      <Facets filters={filters} />
      <HiddenPeople when={loaded.data()?.items.some(({ pseudonyms }) => pseudonyms) ?? false} />
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <NothingRecorded
            of="entries"
            icon={<ScrollText />}
            filters={filters}
            filtered={filters.any(filterNames)}
            kinds={searchAsked(filters).kinds}
          />
        }
        label="Audit entries"
        columns={columnsOf(exact(), names)}
        key={(entry) => entry.id}
        selected={params['id']}
        href={(entry) => `/record/audit/${entry.id}${location.search}`}
      />
      <Show when={saving()}>
        <SaveSearch filters={filters} onClose={() => setSaving(false)} />
      </Show>
    </Page>
  )
}

/** What is done with the list as it stands: followed, asked again, kept, exported, sent to somebody. */
function AuditActions(props: {
  filters: Filters
  live: boolean
  busy: boolean
  reload: () => void
  save: () => void
}): JSX.Element {
  const access = useAccess()
  const location = useLocation()
  return (
    <>
      <LiveButton filters={props.filters} live={props.live} />
      <Button onClick={() => props.reload()} busy={props.busy}>
        Refresh
      </Button>
      <Button
        icon={<Bookmark aria-hidden="true" />}
        blocked={access.why('auditView.save')}
        onClick={() => props.save()}
      >
        Save search
      </Button>
      <CopyButton text={linkTo(location)} what="link to this view" label="Copy link" />
      <Acts
        of={[
          {
            label: 'Export',
            icon: <FileDown aria-hidden="true" />,
            blocked: access.why('audit.export'),
            href: `/record/export${location.search}`,
          },
        ]}
      />
    </>
  )
}

const linkTo = ({ pathname, search }: { pathname: string; search: string }): string =>
  `${window.location.origin}${pathname}${search}`

/** Has the newest entries come by themselves. It stands in the URL, so a wall shows it after a restart, too. */
function LiveButton(props: { filters: Filters; live: boolean }): JSX.Element {
  const toggle = (): void => {
    props.filters.set('live', props.live ? '' : 'on')
    if (!props.live) props.filters.clear(['sort', 'to'])
  }
  return (
    <Button
      look={props.live ? 'primary' : 'plain'}
      aria-pressed={props.live}
      title={props.live ? 'New entries appear as they are written' : 'Show new entries as they are written'}
      icon={props.live ? <Pause aria-hidden="true" /> : <Radio aria-hidden="true" />}
      onClick={toggle}
    >
      Live
    </Button>
  )
}
