import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Plus, Server } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SearchFilter, SelectFilter, SortFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { HostMarks } from './host-marks.tsx'
import { ListAge } from './list-age.tsx'
import { accessWords, addressWords } from './host-words.ts'

type Host = Wire<'sshHost.get'>

const listEveryMs = 30_000
const filterNames = ['search', 'unbound'] as const

const columnsOf = (workspaces: ReadonlyMap<string, string>): readonly Column<Host>[] => [
  { title: 'Host', rank: 'main', cell: (host) => host.name },
  { title: 'Status', cell: (host) => <HostMarks host={host} /> },
  { title: 'Address', cell: (host) => `${host.user}@${addressWords(host)}`, mono: true },
  { title: 'Revocation list', cell: (host) => <ListAge host={host} /> },
  { title: 'Access by', cell: (host) => accessWords[host.access], rank: 'late' },
  { title: 'Last checked', cell: (host) => <Moment at={host.checkedAt} /> },
  { title: 'Workspace', cell: ({ workspace }) => workspaces.get(workspace) ?? workspace, rank: 'late' },
]

/** Registered hosts and whether they answer. */
export default function Hosts(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const workspaces = createWorkspaceNames()
  const loaded = createLoaded(
    'sshHost.list',
    () =>
      ({
        ...pageAsked(filters, ['search', 'sort']),
        unbound: filters.value('unbound') === undefined ? undefined : true,
      }) as Raw<'sshHost.list'>,
    { everyMs: listEveryMs },
  )
  return (
    <Page
      title="SSH hosts"
      lead="Machines that Gatehouse manages access to. Each host key is pinned and checked on every connection."
      actions={
        <>
          <ImportAct />
          <RegisterAct icon={<Plus aria-hidden="true" />} />
        </>
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SearchFilter filters={filters} placeholder="name, address or user" />
        <SelectFilter
          label="Certificates"
          value={filters.value('unbound')}
          options={[['yes', 'unbound']]}
          onPick={(value) => filters.set('unbound', value)}
        />
        <SortFilter filters={filters} orders={['name', 'oldest']} />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoHosts filtered={filters.any(filterNames)} />}
        label="SSH hosts"
        columns={columnsOf(workspaces())}
        key={(host) => host.id}
        selected={params['id']}
        href={(host) => `/access/hosts/${host.id}${location.search}`}
      />
    </Page>
  )
}

function RegisterAct(props: { icon?: JSX.Element }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Register a host',
          look: 'primary',
          icon: props.icon,
          href: '/access/register-host',
          blocked: access.why('sshHost.register'),
        },
      ]}
    />
  )
}

function ImportAct(): JSX.Element {
  const access = useAccess()
  return <Acts of={[{ label: 'Import', href: '/access/import-hosts', blocked: access.why('sshHost.import') }]} />
}

const registerCommand =
  'npx --no-install gatehouse ssh-host register --name db-1 --address 10.0.0.5 --port 22 --user deploy --access ca'

function NoHosts(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No hosts match these filters" />}>
      <Empty title="No hosts yet" icon={<Server />} action={<RegisterAct />} command={registerCommand}>
        Register a machine that runs sshd so that people can get short-lived credentials for it.
      </Empty>
    </Show>
  )
}
