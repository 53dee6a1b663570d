import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import UserPlus from 'lucide-solid/icons/user-plus'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter, TextFilter } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { roleOptions } from './roles.ts'

type User = Wire<'user.get'>

const filterNames = ['role', 'status', 'team'] as const

const columns: readonly Column<User>[] = [
  { title: 'User', rank: 'main', cell: (user) => user.username },
  { title: 'Name', cell: (user) => user.displayName, rank: 'late' },
  { title: 'Roles', cell: (user) => user.roles.join(', ') },
  { title: 'Teams', cell: (user) => (user.teams.length === 0 ? <span class="muted">none</span> : user.teams.join(', ')) },
  { title: 'Second factor', cell: (user) => <StateMark state={user.hasAuthenticator ? 'enrolled' : 'not enrolled'} /> },
  { title: 'Status', cell: (user) => <StateMark state={user.status} />, rank: 'late' },
  { title: 'Last log-in', cell: (user) => <Moment at={user.lastLoginAt} /> },
]

/** People of this Gatehouse. */
export default function Users(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const loaded = createLoaded('user.list', () => ({ first: 50, after: filters.value('after'), role: filters.value('role'), status: filters.value('status'), team: filters.value('team') }) as Raw<'user.list'>) // values of the URL; the server refuses strangers
  return (
    <Page title="Users" lead="People who may log in, by role and team." actions={<LinkButton href="/people/new" look="primary" icon={<UserPlus aria-hidden="true" />}>Create a user</LinkButton>}>
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter label="Role" value={filters.value('role')} options={roleOptions} onPick={(value) => filters.set('role', value)} />
        <SelectFilter label="Status" value={filters.value('status')} options={[['active', 'active'], ['disabled', 'disabled']]} onPick={(value) => filters.set('status', value)} />
        <TextFilter label="Team" value={filters.value('team')} onText={(value) => filters.set('team', value)} />
      </FilterBar>
      <Split detail={props.children}>
        <Answer of={loaded} lines={6}>
          {(page) => (
            <>
              <Show when={page().items.length > 0} fallback={<Empty title="Nobody fits these filters" />}>
                <DataList label="Users" items={page().items} columns={columns} key={(user) => user.id} selected={params['id']} href={(user) => `/people/users/${user.id}${location.search}`} />
              </Show>
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
    </Page>
  )
}
