import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Handshake } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess, type Access } from '../answer/use-access.tsx'
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

/** Whose approvals the person finds here; only the server knows, and shows no others. */
type Sight = 'everything' | 'teams' | 'own'

function sightOf(access: Access): Sight {
  if (access.mayWhole('approval.list')) return 'everything'
  return access.may('approval.approve') ? 'teams' : 'own'
}

const lead =
  "Requests that need a second person: your own, and others' that you may decide or audit. An approval is valid for " +
  'one specific action, once.'

/** What waits for a second person, and what was decided. */
export default function Approvals(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const asked = (): Raw<'approval.list'> =>
    // values of the URL; the server refuses strangers
    ({ first: 50, after: filters.value('after'), state: filters.value('state') }) as Raw<'approval.list'>
  const loaded = createLoaded('approval.list', asked, { everyMs: listEveryMs })
  return (
    <Page title="Approvals" lead={lead}>
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
        empty={
          <Show when={access.known()}>
            <NoApprovals filtered={filters.any(filterNames)} sight={sightOf(access)} />
          </Show>
        }
        label="Approvals"
        columns={columns}
        key={(approval) => approval.id}
        selected={params['id']}
        href={(approval) => `/approvals/${approval.id}${location.search}`}
      />
    </Page>
  )
}

const deployRequest =
  'npx --no-install gatehouse approval request deploy --resource-type Cluster --resource web --workspace shop ' +
  '--reason "…"'

/** What an empty list says to whom: what would stand in it, and how it comes there. */
const nothing: Readonly<Record<Sight, { readonly title: string; readonly text: string; readonly command: string }>> = {
  everything: {
    title: 'No approvals yet',
    text:
      "Some actions need two people: resets of second factors, requested on a person's page under Users, and what " +
      'the platform asks for, such as production deploys. Somebody else approves them here.',
    command: 'npx --no-install gatehouse approval request mfa.reset --resource ada --reason "…"',
  },
  teams: {
    title: 'No approvals in your workspaces',
    text:
      "What others request in your teams' workspaces, such as production deploys, waits here for you. What you " +
      'request waits here for somebody else.',
    command: deployRequest,
  },
  own: {
    title: 'You have requested nothing',
    text:
      'What you are about to do on the platform may need a second person, such as a production deploy. What you ' +
      'request is listed here, with its decision.',
    command: deployRequest,
  },
}

function NoApprovals(props: { filtered: boolean; sight: Sight }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No approvals match these filters" />}>
      <Empty title={nothing[props.sight].title} icon={<Handshake />} command={nothing[props.sight].command}>
        {nothing[props.sight].text}
      </Empty>
    </Show>
  )
}
