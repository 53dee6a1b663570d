import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { durationText, revocabilityText } from '@gatehouse/kit'
import { createSignal, Show, type JSX } from 'solid-js'
import { Plus, Ticket } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Page } from '../../ui/page.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendsAsked, kindName } from '../backends/backend-words.ts'
import { canWords } from '../issue/terms-words.ts'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { CreateRole } from './create-role.tsx'
import type { Role } from './role-draft.ts'

const filterNames = ['workspace', 'backend'] as const

const columnsOf = (workspaceName: (id: string) => string): readonly Column<Role>[] => [
  { title: 'Role', rank: 'main', cell: ({ name }) => name },
  { title: 'Allows', cell: canWords, free: true },
  { title: 'Longest lifetime', cell: ({ ttlSecondsMax }) => durationText(ttlSecondsMax) },
  { title: 'Revocation', cell: (role) => <span class="nowrap">{revocabilityText(role)}</span> },
  { title: 'Kind', cell: ({ kind }) => <span class="nowrap">{kindName(kind)}</span>, rank: 'late' },
  { title: 'Backend', cell: ({ backend }) => backend, rank: 'late' },
  { title: 'Workspace', cell: ({ workspace }) => workspaceName(workspace), rank: 'late' },
]

/** What may be asked of databases, clouds and Vaults. */
export default function Roles(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const workspaces = createWorkspaceNames()
  const [creating, setCreating] = createSignal(false)
  const loaded = createLoaded('secretRole.list', () => pageAsked(filters, filterNames) as Raw<'secretRole.list'>)
  const create = (): void => void setCreating(true)
  return (
    <Page
      title="Credential roles"
      lead="What credentials of databases, clouds and Vaults can do, for how long, and in which workspace."
      actions={<CreateAct icon={<Plus aria-hidden="true" />} onCreate={create} />}
    >
      <RoleFilters filters={filters} workspaces={workspaces()} />
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Show
            when={!filters.any(filterNames)}
            fallback={<Empty title="No roles match these filters" icon={<Ticket />} />}
          >
            <Empty
              title="No roles yet"
              icon={<Ticket />}
              action={<CreateAct onCreate={create} />}
              command="npx --no-install gatehouse secret-role create shop-read --backend shop-db --grants shop_reader"
            >
              A role says what credentials of a backend can do. People and programs ask for credentials by it.
            </Empty>
          </Show>
        }
        label="Credential roles"
        columns={columnsOf((id) => workspaces().get(id) ?? id)}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/access/roles/${id}${location.search}`}
      />
      <Show when={creating()}>
        <CreateRole backend={filters.value('backend')} onClose={() => setCreating(false)} />
      </Show>
    </Page>
  )
}

function CreateAct(props: { icon?: JSX.Element; onCreate: () => void }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Create a role',
          look: 'primary',
          icon: props.icon,
          blocked: access.why('secretRole.create'),
          run: () => props.onCreate(),
        },
      ]}
    />
  )
}

function RoleFilters(props: {
  filters: ReturnType<typeof createFilters>
  workspaces: ReadonlyMap<string, string>
}): JSX.Element {
  const access = useAccess()
  const backends = createLoaded('secretBackend.list', () => (access.may('secretBackend.list') ? backendsAsked : null))
  return (
    <FilterBar active={props.filters.any(filterNames)} onClear={() => props.filters.clear(filterNames)}>
      <SelectFilter
        label="Workspace"
        value={props.filters.value('workspace')}
        options={[...props.workspaces]}
        onPick={(value) => props.filters.set('workspace', value)}
      />
      <Show when={backends.data()}>
        {(page) => (
          <SelectFilter
            label="Backend"
            value={props.filters.value('backend')}
            options={page().items.map(({ id, name }) => [id, name] as const)}
            onPick={(value) => props.filters.set('backend', value)}
          />
        )}
      </Show>
    </FilterBar>
  )
}
