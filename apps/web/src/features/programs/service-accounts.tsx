import { useLocation, useNavigate, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Bot } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import { givenList } from '../../ui/form.ts'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'

type Account = Wire<'serviceAccount.get'>

const filterNames = ['status'] as const

const columns: readonly Column<Account>[] = [
  { title: 'Name', rank: 'main', cell: (account) => account.name },
  { title: 'Description', cell: (account) => account.description || <span class="muted">—</span> },
  {
    title: 'Teams',
    cell: (account) => (account.teams.length === 0 ? <span class="muted">none</span> : account.teams.join(', ')),
  },
  {
    title: 'Tokens',
    cell: (account) => (account.tokens === 0 ? <span class="muted">none</span> : String(account.tokens)),
  },
  { title: 'Status', cell: (account) => <StateMark state={account.status} /> },
  { title: 'Created', cell: (account) => <Moment at={account.createdAt} />, rank: 'late' },
]

/** Accounts of programs. */
export default function ServiceAccounts(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const navigate = useNavigate()
  const [creating, setCreating] = createSignal(false)
  const loaded = createLoaded(
    'serviceAccount.list',
    () => ({ first: 50, after: filters.value('after'), status: filters.value('status') }) as Raw<'serviceAccount.list'>,
  ) // values of the URL; the server refuses strangers
  const created = (account: Account): void => {
    // one after the other: a place that is being opened loses its address when other answers come in at that moment
    void loaded.reload().then(() => navigate(`/programs/accounts/${account.id}`))
  }
  return (
    <Page
      title="Service accounts"
      lead={
        'Accounts for programs, with their own teams and tokens. Only tokens that are bound to ' +
        'addresses can make changes.'
      }
      actions={
        <Acts
          of={[
            {
              label: 'Create an account',
              look: 'primary',
              blocked: access.why('serviceAccount.create'),
              run: () => setCreating(true),
            },
          ]}
        />
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="Status"
          value={filters.value('status')}
          options={[
            ['active', 'active'],
            ['disabled', 'disabled'],
          ]}
          onPick={(value) => filters.set('status', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoAccounts filtered={filters.any(filterNames)} />}
        label="Service accounts"
        columns={columns}
        key={(account) => account.id}
        selected={params['id']}
        href={(account) => `/programs/accounts/${account.id}${location.search}`}
      />
      <Show when={creating()}>
        <CreateAccount onDone={created} onClose={() => setCreating(false)} />
      </Show>
    </Page>
  )
}

function NoAccounts(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No accounts match these filters" />}>
      <Empty
        title="No service accounts yet"
        icon={<Bot />}
        command={'npx --no-install gatehouse service-account create ci-deploy --teams developers'}
      >
        Give each pipeline or script its own account with tokens that have limited scopes and expire.
      </Empty>
    </Show>
  )
}

function CreateAccount(props: { onDone: (account: Account) => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="serviceAccount.create"
      title="Create a service account"
      verb="Create"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: '', description: '', teams: '' }}
      input={({ name = '', description = '', teams }) => ({ name, description, teams: givenList(teams) })}
      done={(account) => `${account.name} created.`}
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
            hint="What the program does."
            autocomplete="off"
            value={form.values()['description']}
            problem={form.problem('description')}
            onText={form.set('description')}
          />
          <TextField
            label="Teams (optional)"
            hint="Team names, comma-separated. They determine which workspaces it can access."
            autocomplete="off"
            value={form.values()['teams']}
            problem={form.problem('teams')}
            onText={form.set('teams')}
          />
        </>
      )}
    >
      <p class="muted">The account needs a token before it can do anything.</p>
    </ActDialog>
  )
}
