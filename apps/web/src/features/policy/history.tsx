import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { RotateCcwClock as History } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, pageAsked } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames, Person } from '../people/person-names.tsx'
import { changeKindWords, shortVersion } from './policy-words.ts'

type Change = Wire<'policy.history'>['items'][number]

const columnsFor = (names: () => ReadonlyMap<string, string>): readonly Column<Change>[] => [
  { title: 'Version', rank: 'main', cell: (change) => <code>{shortVersion(change.version)}</code> },
  { title: 'Since', cell: (change) => <Moment at={change.at} /> },
  {
    title: 'How',
    cell: (change) => (
      <span class="row">
        {changeKindWords(change.kind)}
        <Show when={change.inForce}>
          <StateMark state="in force" />
        </Show>
      </span>
    ),
  },
  {
    title: 'By',
    cell: (change) => (
      <Show when={change.changedBy} fallback={<span class="muted">—</span>}>
        {(id) => <Person id={id()} names={names()} />}
      </Show>
    ),
  },
  { title: 'Reason', cell: (change) => change.reason ?? <span class="muted">—</span>, free: true },
  { title: 'Policies', cell: (change) => change.policies, rank: 'late' },
]

/** Policy sets that came into force, newest first. */
export default function PolicyHistory(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const names = createPersonNames()
  // `pageAsked` has fields of the URL; the server refuses what it does not know
  const loaded = createLoaded('policy.history', () => pageAsked(filters) as { first: number })
  return (
    <Page
      title="Policy history"
      lead="Every policy set that came into force, with its files. Compare two of them, or roll back to one."
      actions={
        <Show when={access.may('policy.publish')}>
          <LinkButton href="/policy-change">Change policies</LinkButton>
        </Show>
      }
    >
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Empty title="No policy sets recorded yet" icon={<History />}>
            Sets appear here as they come into force.
          </Empty>
        }
        label="Policy sets"
        columns={columnsFor(names)}
        key={(change) => change.id}
        selected={params['id']}
        href={(change) => `/policy-history/${change.id}${location.search}`}
      />
    </Page>
  )
}
