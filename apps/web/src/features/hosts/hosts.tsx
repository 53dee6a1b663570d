import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import Plus from 'lucide-solid/icons/plus'
import Server from 'lucide-solid/icons/server'
import type { JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { HostMarks } from './host-marks.tsx'
import { accessWords, addressWords } from './host-words.ts'

type Host = Wire<'sshHost.get'>

const listEveryMs = 30_000

const columns: readonly Column<Host>[] = [
  { title: 'Host', rank: 'main', cell: (host) => host.name },
  { title: 'Status', cell: (host) => <HostMarks host={host} /> },
  { title: 'Address', cell: (host) => `${host.user}@${addressWords(host)}`, mono: true },
  { title: 'Access by', cell: (host) => accessWords[host.access] },
  { title: 'Last checked', cell: (host) => <Moment at={host.checkedAt} /> },
  { title: 'Workspace', cell: (host) => host.workspace, rank: 'late' },
]

/** Registered hosts and whether they answer. */
export default function Hosts(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const loaded = createLoaded('sshHost.list', () => ({ first: 50, after: filters.value('after') }), {
    everyMs: listEveryMs,
  })
  return (
    <Page
      title="SSH hosts"
      lead="Machines that Gatehouse manages access to. Each host key is pinned and checked on every connection."
      actions={<RegisterAct icon={<Plus aria-hidden="true" />} />}
    >
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoHosts />}
        label="SSH hosts"
        columns={columns}
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

function NoHosts(): JSX.Element {
  return (
    <Empty
      title="No hosts yet"
      icon={<Server />}
      action={<RegisterAct />}
      command="npx --no-install gatehouse ssh-host register --name db-1 --address 10.0.0.5 --port 22 --user deploy --access ca"
    >
      Register a machine that runs sshd so that people can get short-lived credentials for it.
    </Empty>
  )
}
