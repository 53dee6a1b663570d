import { useParams, type RouteSectionProps } from '@solidjs/router'
import { revocabilityText } from '@gatehouse/kit'
import type { JSX } from 'solid-js'
import { Database, Plus } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendMark, backendsAsked, kindName, type Backend } from './backend-words.ts'

const columns: readonly Column<Backend>[] = [
  { title: 'Backend', rank: 'main', cell: ({ name }) => name },
  { title: 'Status', cell: (backend) => <StateMark state={backendMark(backend)} /> },
  { title: 'Kind', cell: ({ kind }) => <span class="nowrap">{kindName(kind)}</span> },
  { title: 'Connection', cell: ({ shown }) => shown, mono: true },
  { title: 'Revocation', cell: (backend) => <span class="nowrap">{revocabilityText(backend)}</span>, rank: 'late' },
  { title: 'Last tested', cell: ({ checkedAt }) => <Moment at={checkedAt} none="never" />, rank: 'late' },
]

const listEveryMs = 30_000

/** Places that give credentials, and whether they can be used. */
export default function Backends(props: RouteSectionProps): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('secretBackend.list', () => backendsAsked, { everyMs: listEveryMs })
  return (
    <Page
      title="Credential backends"
      lead={
        'Databases, clouds and Vaults in which Gatehouse makes short-lived credentials. ' +
        'How it logs in there is never shown.'
      }
      actions={<AddBackend icon={<Plus aria-hidden="true" />} />}
    >
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Empty
            title="No backends yet"
            icon={<Database />}
            action={<AddBackend />}
            command="npx --no-install gatehouse secret-backend configure shop-db"
          >
            Add a database, a cloud or a Vault. Then create roles that say what its credentials can do.
          </Empty>
        }
        label="Credential backends"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/access/backends/${id}`}
      />
    </Page>
  )
}

function AddBackend(props: { icon?: JSX.Element }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Add a backend',
          look: 'primary',
          icon: props.icon,
          href: '/access/configure-backend',
          blocked: access.why('secretBackend.configure'),
        },
      ]}
    />
  )
}
