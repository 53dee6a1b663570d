import { useLocation, useNavigate, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Boxes } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createFilters, pageAsked } from '../../ui/filters.tsx'
import { givenList } from '../../ui/form.ts'
import type { Column } from '../../ui/list.tsx'
import { Page } from '../../ui/page.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { environmentOptions, isEnvironment, TierMark } from './tiers.tsx'

type Workspace = Wire<'workspace.get'>

const columns: readonly Column<Workspace>[] = [
  { title: 'Workspace', rank: 'main', cell: ({ name }) => name },
  { title: 'Environment', cell: ({ environment }) => environment },
  { title: 'Tier', cell: ({ tier }) => <TierMark tier={tier} /> },
  { title: 'Time zone', cell: ({ timeZone }) => timeZone },
  { title: 'Teams', cell: ({ teams }) => teams.join(', ') || <span class="muted">none: nobody sees it</span> },
]

/** Where things belong, how near to production it is, and who sees it. */
export default function Workspaces(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const navigate = useNavigate()
  const [creating, setCreating] = createSignal(false)
  const loaded = createLoaded('workspace.list', () => pageAsked(filters) as Raw<'workspace.list'>)
  const created = ({ id }: Workspace): void => {
    void loaded.reload().then(() => navigate(`/workspaces/${id}`))
  }
  return (
    <Page
      title="Workspaces"
      lead="Groups of hosts and credentials, and the teams that see them. The environment sets how strict policies are."
      actions={
        <Acts
          of={[
            {
              label: 'Create a workspace',
              look: 'primary',
              blocked: access.why('workspace.create'),
              run: () => setCreating(true),
            },
          ]}
        />
      }
    >
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Empty
            title="No workspaces that you can see"
            icon={<Boxes />}
            command="npx --no-install gatehouse workspace create shop --teams sre"
          >
            Hosts and credentials belong to workspaces, and teams get access to them.
          </Empty>
        }
        label="Workspaces"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/workspaces/${encodeURIComponent(id)}${location.search}`}
      />
      <Show when={creating()}>
        <CreateWorkspace onDone={created} onClose={() => setCreating(false)} />
      </Show>
    </Page>
  )
}

function CreateWorkspace(props: { onDone: (workspace: Workspace) => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="workspace.create"
      title="Create a workspace"
      verb="Create"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: '', environment: 'development', teams: '' }}
      input={({ name = '', environment = '', teams }) => ({
        name,
        environment: isEnvironment(environment) ? environment : 'development',
        teams: givenList(teams) ?? [],
      })}
      done={({ name }) => `${name} created.`}
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
          <SelectField
            label="Environment"
            value={form.values()['environment'] ?? ''}
            options={environmentOptions}
            onText={form.set('environment')}
          />
          <TextField
            label="Teams that see it"
            hint="Names, separated by commas."
            autocomplete="off"
            value={form.values()['teams']}
            problem={form.problem('teams')}
            onText={form.set('teams')}
          />
        </>
      )}
    >
      <p class="muted">It holds nothing yet. Its name can be changed later.</p>
    </ActDialog>
  )
}
