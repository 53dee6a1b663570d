import { useLocation, useNavigate, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { LockKeyhole, Plus } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SearchFilter, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { CreateKey } from './create-key.tsx'
import { stateMark, stateOptions, type ListedKey } from './key-words.ts'
import { withoutPanel } from './panel-address.ts'

const listEveryMs = 30_000
const filterNames = ['search', 'state', 'workspace'] as const

const columnsOf = (workspaceName: (id: string) => string): readonly Column<ListedKey>[] => [
  { title: 'Key', rank: 'main', cell: ({ name }) => name },
  { title: 'State', cell: (key) => <StateMark state={stateMark(key)} /> },
  { title: 'Versions', cell: versionsWords },
  { title: 'Newest version', cell: ({ versionSince }) => <Moment at={versionSince} /> },
  { title: 'Next rotation', cell: ({ rotatesAt }) => <Moment at={rotatesAt} none="by hand" /> },
  { title: 'Workspace', cell: ({ workspace }) => workspaceName(workspace) },
  { title: 'Created', cell: ({ createdAt }) => <Moment at={createdAt} />, rank: 'late' },
  { title: 'Backends', cell: ({ backends }) => backends.map(({ name }) => name).join(', '), rank: 'late' },
]

/** The current version, and from which on they are opened where that is not the first. */
const versionsWords = ({ currentVersion, minimumVersion }: ListedKey): string =>
  minimumVersion === 1 ? String(currentVersion) : `${currentVersion} (opens from ${minimumVersion})`

/** Keys of the key service: what each may be used for today. */
export default function EncryptionKeys(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const navigate = useNavigate()
  const [creating, setCreating] = createSignal(false)
  const names = createWorkspaceNames()
  const loaded = createLoaded(
    'kmsKey.list',
    () => pageAsked(filters, filterNames) as Raw<'kmsKey.list'>, // values of the URL; the server refuses strangers
    { everyMs: listEveryMs },
  )
  const filtered = (): boolean => filters.any(filterNames)
  const columns = columnsOf((id) => names().get(id) ?? id)
  return (
    <Page
      title="Encryption keys"
      lead="Programs and people encrypt passwords, tokens and files under these keys, and keep what they encrypt."
      actions={<CreateAct icon={<Plus aria-hidden="true" />} onCreate={() => setCreating(true)} />}
    >
      <FilterBar active={filtered()} onClear={() => filters.clear(filterNames)}>
        <SearchFilter filters={filters} placeholder="name" />
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={stateOptions}
          onPick={(value) => filters.set('state', value)}
        />
        <SelectFilter
          label="Workspace"
          value={filters.value('workspace')}
          options={workspaceOptions([...names().values()], filters.value('workspace'))}
          onPick={(value) => filters.set('workspace', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoKeys filtered={filtered()} onCreate={() => setCreating(true)} />}
        label="Encryption keys"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/encryption/keys/${id}${withoutPanel(location.search)}`}
      />
      <Show when={creating()}>
        <CreateKey
          workspaces={[...names().values()]}
          initial={filters.value('workspace')}
          onDone={({ id }) => navigate(`/encryption/keys/${id}${withoutPanel(location.search)}`)}
          onClose={() => setCreating(false)}
        />
      </Show>
    </Page>
  )
}

/** Names to choose from; what the URL says stays in it, also where it is none of them. */
const workspaceOptions = (names: readonly string[], chosen: string | undefined) =>
  [...new Set([...names, ...(chosen === undefined ? [] : [chosen])])].map((name) => [name, name] as const)

function CreateAct(props: { icon?: JSX.Element; onCreate: () => void }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Create a key',
          look: 'primary',
          icon: props.icon,
          blocked: access.why('kmsKey.create'),
          run: () => props.onCreate(),
        },
      ]}
    />
  )
}

function NoKeys(props: { filtered: boolean; onCreate: () => void }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No keys match these filters" icon={<LockKeyhole />} />}>
      <Empty
        title="No encryption keys yet"
        icon={<LockKeyhole />}
        action={<CreateAct onCreate={props.onCreate} />}
        command="npx --no-install gatehouse kms-key create shop-config"
      >
        A key encrypts short secrets that you keep in a repository, a file or another database. Gatehouse keeps the key
        and counts what still needs it.
      </Empty>
    </Show>
  )
}
