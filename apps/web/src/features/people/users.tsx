import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Users as UsersIcon } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import {
  createFilters,
  FilterBar,
  pageAsked,
  SearchFilter,
  SelectFilter,
  SortFilter,
  TextFilter,
  type Filters,
} from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { standingOf } from './invitation-words.ts'
import { roleOptions } from './roles.ts'

type User = Wire<'user.get'>

const filterNames = ['search', 'role', 'status', 'team'] as const

const columns: readonly Column<User>[] = [
  { title: 'User', rank: 'main', cell: (user) => user.username },
  { title: 'Name', cell: (user) => user.displayName, rank: 'late' },
  { title: 'Roles', cell: (user) => user.roles.join(', ') || <span class="muted">none</span> },
  {
    title: 'Teams',
    cell: (user) => (user.teams.length === 0 ? <span class="muted">none</span> : user.teams.join(', ')),
  },
  { title: 'Second factor', cell: (user) => <StateMark state={user.hasAuthenticator ? 'enrolled' : 'not enrolled'} /> },
  { title: 'Status', cell: (user) => <StateMark state={standingOf(user, Date.now())} /> },
  { title: 'Last log-in', rank: 'late', cell: (user) => <Moment at={user.lastLoginAt} /> },
]

/** People of this Gatehouse, and the ways in for new ones. */
export default function Users(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const why = (): string | null => access.whyNone(['user.invite', 'user.create', 'user.import'], 'add users')
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const loaded = createLoaded('user.list', () => pageAsked(filters, [...filterNames, 'sort']) as Raw<'user.list'>)
  return (
    <Page
      title="Users"
      lead="People with an account, their roles and teams."
      actions={
        <Acts
          of={[
            { label: 'Invite', look: 'primary', href: '/people/invite', blocked: why() ?? access.why('user.invite') },
            { label: 'Create', href: '/people/new', blocked: why() ?? access.why('user.create') },
            { label: 'Import', href: '/people/import', blocked: why() ?? access.why('user.import') },
          ]}
        />
      }
    >
      <UserFilters filters={filters} />
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoUsers filtered={filters.any(filterNames)} />}
        label="Users"
        columns={columns}
        key={(user) => user.id}
        selected={params['id']}
        href={(user) => `/people/users/${user.id}${location.search}`}
      />
    </Page>
  )
}

function UserFilters(props: { filters: Filters }): JSX.Element {
  return (
    <FilterBar active={props.filters.any(filterNames)} onClear={() => props.filters.clear(filterNames)}>
      <SearchFilter filters={props.filters} placeholder="name or email" />
      <SelectFilter
        label="Role"
        value={props.filters.value('role')}
        options={roleOptions}
        onPick={(value) => props.filters.set('role', value)}
      />
      <SelectFilter
        label="Status"
        value={props.filters.value('status')}
        options={[
          ['active', 'active'],
          ['disabled', 'disabled'],
        ]}
        onPick={(value) => props.filters.set('status', value)}
      />
      <TextFilter
        label="Team"
        value={props.filters.value('team')}
        onText={(value) => props.filters.set('team', value)}
      />
      <SortFilter filters={props.filters} orders={['name', 'oldest']} />
    </FilterBar>
  )
}

function NoUsers(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No users match these filters" />}>
      <Empty
        title="No users yet"
        icon={<UsersIcon />}
        command="npx --no-install gatehouse user invite ada --role Operator"
      >
        Invite a person with a one-time link. They set a password and add a second factor.
      </Empty>
    </Show>
  )
}
