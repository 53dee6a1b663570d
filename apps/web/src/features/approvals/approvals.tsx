import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Handshake } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { askWords, isSettled } from './approval-words.ts'

type Approval = Wire<'approval.get'>

const filterNames = ['state'] as const
const states = [
  ['pending', 'pending'],
  ['approved', 'approved'],
  ['denied', 'denied'],
  ['used', 'used'],
  ['cancelled', 'cancelled'],
  ['expired', 'expired'],
] as const
const listEveryMs = 20_000

const columns: readonly Column<Approval>[] = [
  { title: 'Request', rank: 'main', cell: askWords },
  { title: 'State', cell: (approval) => <StateMark state={approval.state} /> },
  { title: 'Requested by', cell: (approval) => approval.requesterName },
  { title: 'Reason', cell: (approval) => approval.reason, rank: 'late', free: true },
  {
    title: 'Ticket',
    cell: (approval) =>
      approval.ticket === null ? <span class="muted">—</span> : <span class="nowrap">{approval.ticket}</span>,
    rank: 'late',
  },
  { title: 'Expires', cell: (approval) => <Expiry of={approval} /> },
]

/** Until when it can be given or used; of one for which that is over, when it ended by itself. */
function Expiry(props: { of: Approval }): JSX.Element {
  return (
    <Show when={!isSettled(props.of)} fallback={<span class="muted">—</span>}>
      <Show when={props.of.state === 'expired'} fallback={<Moment at={props.of.expiresAt} />}>
        <span class="muted">
          expired <Moment at={props.of.expiresAt} />
        </span>
      </Show>
    </Show>
  )
}

/** What waits for a second person, and what was decided. */
export default function Approvals(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const asked = (): Raw<'approval.list'> =>
    // values of the URL; the server refuses strangers
    ({ first: 50, after: filters.value('after'), state: filters.value('state') }) as Raw<'approval.list'>
  const loaded = createLoaded('approval.list', () => (access.may('approval.list') ? asked() : null), {
    everyMs: listEveryMs,
  })
  return (
    <Page
      title="Approvals"
      lead="Requests that need a second person. An approval is valid for one specific action, once."
    >
      <Show when={!access.known() || access.may('approval.list')} fallback={<ByLink detail={props.children} />}>
        <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
          <SelectFilter
            label="State"
            value={filters.value('state')}
            options={states}
            onPick={(value) => filters.set('state', value)}
          />
        </FilterBar>
        <ListAnswer
          of={loaded}
          detail={props.children}
          empty={<NoApprovals filtered={filters.any(filterNames)} />}
          label="Approvals"
          columns={columns}
          key={(approval) => approval.id}
          selected={params['id']}
          href={(approval) => `/approvals/${approval.id}${location.search}`}
        />
      </Show>
    </Page>
  )
}

/** For who asks or approves and may not see what all others ask: a denial beside what they came for says nothing. */
function ByLink(props: { detail: JSX.Element }): JSX.Element {
  return (
    <Split detail={props.detail}>
      <Empty
        title="Open a request by its link"
        icon={<Handshake />}
        command="npx --no-install gatehouse approval get ID"
      >
        You don't have permission to list all approvals. Whoever requests one can send you its link or its ID.
      </Empty>
    </Split>
  )
}

function NoApprovals(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No approvals match these filters" />}>
      <Empty
        title="No pending approvals"
        icon={<Handshake />}
        command={'npx --no-install gatehouse approval request mfa.reset --resource ada --reason "…"'}
      >
        Some actions need two people: resets of second factors, requested on a person's page under Users, and what the
        platform asks for, such as production deploys. Somebody else approves them here.
      </Empty>
    </Show>
  )
}
