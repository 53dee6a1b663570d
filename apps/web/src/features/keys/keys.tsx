import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type Accessor, type JSX } from 'solid-js'
import { KeyRound, Plus } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter, TextFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createHostNames } from '../hosts/host-names.ts'
import { createUnboundHosts, UnboundMark } from '../hosts/unbound.tsx'
import { KeyFigures } from './key-figures.tsx'

type Key = Wire<'sshKey.get'>

interface KeyColumns {
  readonly now: Accessor<number>
  readonly hostName: (id: string) => string
  readonly isUnbound: (hostId: string) => boolean
}

const filterNames = ['state', 'host'] as const
const states = [
  ['generated', 'not on host yet'],
  ['deployed', 'deployed'],
  ['removing', 'removing'],
  ['revoked', 'revoked'],
  ['expired', 'expired'],
] as const
const listEveryMs = 20_000

const columnsOf = ({ now, hostName, isUnbound }: KeyColumns): readonly Column<Key>[] => [
  {
    title: 'Host',
    rank: 'main',
    cell: (key) => (
      <span class="row">
        {key.user}@{hostName(key.hostId)}
        <UnboundMark when={isUnbound(key.hostId)} />
      </span>
    ),
  },
  { title: 'State', cell: (key) => <StateMark state={key.state} /> },
  {
    title: 'Time left',
    cell: (key) => (
      <Show when={key.state !== 'revoked' && key.state !== 'expired'} fallback={<span class="muted">—</span>}>
        <TimeLeft from={key.createdAt} to={key.expiresAt} now={now} />
      </Show>
    ),
  },
  { title: 'Fingerprint', cell: (key) => key.fingerprint, mono: true, rank: 'late' },
  { title: 'Allowed sources', cell: (key) => key.sourceAddresses.join(', '), mono: true, rank: 'late' },
  { title: 'Deployed', cell: (key) => <Moment at={key.deployedAt} none="not yet" /> },
]

/** Temporal SSH keys and where they are. */
export default function Keys(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const now = createNow()
  const hostName = createHostNames()
  const isUnbound = createUnboundHosts()
  const loaded = createLoaded(
    'sshKey.list',
    () =>
      ({
        first: 50,
        after: filters.value('after'),
        state: filters.value('state'),
        host: filters.value('host'),
      }) as Raw<'sshKey.list'>,
    { everyMs: listEveryMs },
  ) // values of the URL; the server refuses strangers
  return (
    <Page
      title="SSH keys"
      lead="Temporary key pairs, each for one host and one purpose, with an expiry that the host enforces."
      actions={<GenerateAct icon={<Plus aria-hidden="true" />} />}
    >
      <KeyFigures />
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={states}
          onPick={(value) => filters.set('state', value)}
        />
        <TextFilter
          label="Host"
          placeholder="name"
          value={filters.value('host')}
          onText={(value) => filters.set('host', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoKeys filtered={filters.any(filterNames)} />}
        label="SSH keys"
        columns={columnsOf({ now, hostName, isUnbound })}
        key={(key) => key.id}
        selected={params['id']}
        href={(key) => `/access/keys/${key.id}${location.search}`}
      />
    </Page>
  )
}

function GenerateAct(props: { icon?: JSX.Element }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Generate a key',
          look: 'primary',
          icon: props.icon,
          href: '/access/issue?kind=key',
          blocked: access.why('sshKey.generate'),
        },
      ]}
    />
  )
}

function NoKeys(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No keys match these filters" />}>
      <Empty
        title="No keys"
        icon={<KeyRound />}
        action={<GenerateAct />}
        command="npx --no-install gatehouse ssh-key generate HOST --ttl 1h --purpose …"
      >
        For hosts that cannot trust the Gatehouse CA: Gatehouse adds the key to the host and removes it again when it
        expires.
      </Empty>
    </Show>
  )
}
