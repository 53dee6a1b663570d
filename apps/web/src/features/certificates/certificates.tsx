import type { Raw, Wire } from '@gatehouse/contract'
import { Match, Show, Switch, type Accessor, type JSX } from 'solid-js'
import { FileBadge, Plus } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty } from '../../ui/feedback.tsx'
import {
  createFilters,
  FilterBar,
  pageAsked,
  SearchFilter,
  SelectFilter,
  SortFilter,
  TextFilter,
  type Filters,
} from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { namesBareAccount, opensWords } from '../hosts/host-words.ts'
import { UnboundMark } from '../hosts/unbound.tsx'

type Certificate = Wire<'sshCertificate.list'>['items'][number]

const filterNames = ['search', 'state', 'host'] as const
const states = [
  ['active', 'active'],
  ['revoked', 'revoked'],
  ['expired', 'expired'],
] as const
const listEveryMs = 20_000

const columnsOf = (now: Accessor<number>): readonly Column<Certificate>[] => [
  {
    title: 'Opens',
    rank: 'main',
    cell: (certificate) => (
      <span class="row">
        {opensWords(certificate.role)}
        <UnboundMark when={namesBareAccount(certificate)} />
      </span>
    ),
  },
  { title: 'Owner', cell: (certificate) => certificate.principalName },
  { title: 'State', cell: (certificate) => <StateMark state={certificate.state} /> },
  { title: 'Until', cell: (certificate) => <Until of={certificate} now={now} /> },
  { title: 'Purpose', cell: (certificate) => certificate.purpose, free: true },
  { title: 'Allowed sources', cell: (certificate) => certificate.sourceAddresses.join(', '), mono: true, rank: 'late' },
  { title: 'Serial', cell: (certificate) => certificate.serial, mono: true, rank: 'late' },
]

/** Until when it works; of a revoked one, that it would have worked for longer tells nothing. */
function Until(props: { of: Certificate; now: Accessor<number> }): JSX.Element {
  return (
    <Switch fallback={<span class="muted">—</span>}>
      <Match when={props.of.state === 'active'}>
        <TimeLeft from={props.of.validAfter} to={props.of.validBefore} now={props.now} />
      </Match>
      <Match when={props.of.state === 'expired'}>
        <Moment at={props.of.validBefore} />
      </Match>
    </Switch>
  )
}

/** Certificates that our authority signed. Each row leads to its lease, where it is revoked. */
export default function Certificates(): JSX.Element {
  const filters = createFilters()
  const now = createNow()
  const loaded = createLoaded(
    'sshCertificate.list',
    () => pageAsked(filters, [...filterNames, 'sort']) as Raw<'sshCertificate.list'>,
    { everyMs: listEveryMs },
  )
  return (
    <Page
      title="Certificates"
      lead="Signed public keys: what each opens, whose it is and until when it works."
      actions={<SignAct icon={<Plus aria-hidden="true" />} />}
    >
      <CertificateFilters filters={filters} />
      <ListAnswer
        of={loaded}
        empty={<NoCertificates filtered={filters.any(filterNames)} />}
        label="Certificates"
        columns={columnsOf(now)}
        key={(certificate) => certificate.id}
        href={(certificate) => `/access/leases/${certificate.leaseId}`}
      />
    </Page>
  )
}

function CertificateFilters(props: { filters: Filters }): JSX.Element {
  return (
    <FilterBar active={props.filters.any(filterNames)} onClear={() => props.filters.clear(filterNames)}>
      <SearchFilter filters={props.filters} placeholder="owner, host or purpose" />
      <SelectFilter
        label="State"
        value={props.filters.value('state')}
        options={states}
        onPick={(value) => props.filters.set('state', value)}
      />
      <TextFilter
        label="Host"
        placeholder="name"
        value={props.filters.value('host')}
        onText={(value) => props.filters.set('host', value)}
      />
      <SortFilter filters={props.filters} orders={['expiry', 'name', 'oldest']} byName="by owner" />
    </FilterBar>
  )
}

function SignAct(props: { icon?: JSX.Element }): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[
        {
          label: 'Sign a public key',
          look: 'primary',
          icon: props.icon,
          href: '/access/issue?kind=certificate',
          blocked: access.why('sshCertificate.sign'),
        },
      ]}
    />
  )
}

function NoCertificates(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No certificates match these filters" />}>
      <Empty
        title="No certificates"
        icon={<FileBadge />}
        action={<SignAct />}
        command="npx --no-install gatehouse ssh connect HOST"
      >
        The command line does it in one step: it creates a key in memory, has it signed, connects, and revokes the
        certificate when you disconnect.
      </Empty>
    </Show>
  )
}
