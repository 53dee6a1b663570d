import { useNavigate, useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { UsersRound } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createFilters, FilterBar, pageAsked, SearchFilter, SortFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'

type Team = Wire<'team.get'>

/** More names than this hide the row below; the detail has them all. */
const namesShownMax = 6

const membersWords = ({ members }: Team): string =>
  [
    ...members.slice(0, namesShownMax).map(({ username }) => username),
    ...(members.length > namesShownMax ? [`and ${members.length - namesShownMax} more`] : []),
  ].join(', ')

const columns: readonly Column<Team>[] = [
  { title: 'Team', rank: 'main', cell: (team) => team.name },
  { title: 'Description', cell: (team) => (team.description === '' ? <span class="muted">—</span> : team.description) },
  {
    title: 'Members',
    cell: (team) => (team.members.length === 0 ? <span class="muted">none</span> : membersWords(team)),
  },
  { title: 'Created', cell: (team) => <Moment at={team.createdAt} />, rank: 'late' },
]

/** Teams and who is in them. */
export default function Teams(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const navigate = useNavigate()
  const [creating, setCreating] = createSignal(false)
  const loaded = createLoaded('team.list', () => pageAsked(filters, ['search', 'sort']) as Raw<'team.list'>)
  const created = (team: Team): void => {
    // one after the other: a place that is being opened loses its address when other answers come in at that moment
    void loaded.reload().then(() => navigate(`/people/teams/${team.id}`))
  }
  return (
    <Page
      title="Teams"
      lead="Groups of people. Access to workspaces is granted to teams."
      actions={
        <Acts
          of={[
            {
              label: 'Create a team',
              look: 'primary',
              blocked: access.why('team.create'),
              run: () => setCreating(true),
            },
          ]}
        />
      }
    >
      <FilterBar active={filters.any(['search'])} onClear={() => filters.clear(['search'])}>
        <SearchFilter filters={filters} placeholder="name or description" />
        <SortFilter filters={filters} orders={['name', 'oldest']} />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoTeams filtered={filters.any(['search'])} />}
        label="Teams"
        columns={columns}
        key={(team) => team.id}
        selected={params['id']}
        href={(team) => `/people/teams/${team.id}${location.search}`}
      />
      <Show when={creating()}>
        <CreateTeam onDone={created} onClose={() => setCreating(false)} />
      </Show>
    </Page>
  )
}

function NoTeams(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No teams match this search" />}>
      <Empty title="No teams" icon={<UsersRound />} command="npx --no-install gatehouse team create sre">
        Workspaces grant access to teams. Create a team and add its members.
      </Empty>
    </Show>
  )
}

function CreateTeam(props: { onDone: (team: Team) => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="team.create"
      title="Create a team"
      verb="Create"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: '', description: '' }}
      input={({ name = '', description = '' }) => ({ name, description })}
      done={(team) => `${team.name} created.`}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={form.values()['name']}
            problem={form.problem('name')}
            onText={form.set('name')}
          />
          <TextField
            label="Description (optional)"
            autocomplete="off"
            value={form.values()['description']}
            problem={form.problem('description')}
            onText={form.set('description')}
          />
        </>
      )}
    >
      <p class="muted">A new team has no access until a workspace is assigned to it.</p>
    </ActDialog>
  )
}
