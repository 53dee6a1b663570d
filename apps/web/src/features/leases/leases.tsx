import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { KeyRound, Plus, Radio } from '../../generated/icons.tsx'
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
import { Pager } from '../../ui/list.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { queryOf } from '../../ui/query-of.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess, type Access } from '../answer/use-access.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { LeaseFigures } from './lease-figures.tsx'
import { LeaseList } from './lease-list.tsx'
import { kindOptions } from './lease-words.ts'
import { mergeLive, type Lease } from './live-leases.ts'
import { SavedViewActs, SavedViews } from './saved-views.tsx'
import { filterNames, viewNames } from './view-query.ts'
import { useLiveLeases } from './watching.tsx'
import './leases.css'

/** Filters that leases can be revoked by, too. */
const revokedBy = ['backend', 'principal', 'workspace', 'host'] as const
const states = [
  ['active', 'active'],
  ['pending', 'pending'],
  ['revoked', 'revoked'],
  ['expired', 'expired'],
  ['irrevocable', 'irrevocable'],
] as const

/** What the page that issues can ask for. */
const issuing = ['sshKey.generate', 'sshCertificate.sign', 'sshOtp.issue', 'lease.issue'] as const

const issueWhy = (access: Access): string | null => access.whyNone(issuing, 'issue credentials')

/** Credentials under a lease: alive and ended, live. */
export default function Leases(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const location = useLocation()
  const filters = createFilters()
  const loaded = createLoaded('lease.list', () => pageAsked(filters, viewNames) as Raw<'lease.list'>)
  return (
    <Page
      title="Leases"
      lead="Issued credentials and how long they remain valid."
      actions={
        <>
          <SavedViewActs />
          <Acts
            of={[
              {
                label: 'Revoke several',
                href: `/access/revoke${queryOf(location.search, revokedBy)}`,
                blocked: access.why('lease.revokeMany'),
              },
              {
                label: 'Issue a credential',
                look: 'primary',
                icon: <Plus aria-hidden="true" />,
                href: '/access/issue',
                blocked: issueWhy(access),
              },
            ]}
          />
        </>
      }
    >
      <LeaseFigures />
      <SavedViews />
      <LeaseFilters filters={filters} />
      <Split detail={props.children}>
        <Answer of={loaded} lines={6}>
          {(page) => <LivePage page={page()} filters={filters} />}
        </Answer>
      </Split>
    </Page>
  )
}

function LeaseFilters(props: { filters: Filters }): JSX.Element {
  const live = useLiveLeases()
  const workspaces = createWorkspaceNames()
  return (
    <FilterBar active={props.filters.any(filterNames)} onClear={() => props.filters.clear(filterNames)}>
      <SearchFilter filters={props.filters} placeholder="owner, host or purpose" />
      <SelectFilter
        label="State"
        value={props.filters.value('state')}
        options={states}
        onPick={(value) => props.filters.set('state', value)}
      />
      <SelectFilter
        label="Kind"
        value={props.filters.value('backend')}
        options={kindOptions}
        onPick={(value) => props.filters.set('backend', value)}
      />
      <TextFilter
        label="Owner"
        placeholder="user name"
        value={props.filters.value('principal')}
        onText={(value) => props.filters.set('principal', value)}
      />
      <TextFilter
        label="Host"
        placeholder="name"
        value={props.filters.value('host')}
        onText={(value) => props.filters.set('host', value)}
      />
      <Show when={workspaces().size > 1 || props.filters.value('workspace') !== undefined}>
        <SelectFilter
          label="Workspace"
          value={props.filters.value('workspace')}
          options={[...workspaces()]}
          onPick={(value) => props.filters.set('workspace', value)}
        />
      </Show>
      <SortFilter filters={props.filters} orders={['expiry', 'name', 'oldest']} byName="by owner" />
      <Show when={live.state().at === 'live'}>
        <span class="live">
          <Radio aria-hidden="true" />
          live
        </span>
      </Show>
    </FilterBar>
  )
}

function LivePage(props: { page: Wire<'lease.list'>; filters: Filters }): JSX.Element {
  const params = useParams()
  const location = useLocation()
  const live = useLiveLeases()
  const now = createNow()
  const leases = (): readonly Lease[] =>
    mergeLive(
      {
        ...props.page,
        filter: Object.fromEntries(filterNames.map((name) => [name, props.filters.value(name)])),
        sort: props.filters.value('sort'),
        firstPage: props.filters.value('after') === undefined,
      },
      live.leases(),
    )
  return (
    <>
      <Show when={leases().length > 0} fallback={<NoLeases filtered={props.filters.any(filterNames)} />}>
        <LeaseList label="Leases" leases={leases()} now={now} selected={params['id']} search={location.search} />
      </Show>
      <Pager nextCursor={props.page.nextCursor} />
    </>
  )
}

function NoLeases(props: { filtered: boolean }): JSX.Element {
  const access = useAccess()
  return (
    <Show when={!props.filtered} fallback={<Empty title="No leases match these filters" />}>
      <Empty
        title="No leases yet"
        icon={<KeyRound />}
        action={
          <Acts
            of={[{ label: 'Issue a credential', look: 'primary', href: '/access/issue', blocked: issueWhy(access) }]}
          />
        }
        command="npx --no-install gatehouse ssh connect HOST"
      >
        A lease is a credential with an expiry. Issue one for a host; it stops working automatically when it expires.
      </Empty>
    </Show>
  )
}
