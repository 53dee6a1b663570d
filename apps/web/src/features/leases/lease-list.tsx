import { revocabilityText } from '@gatehouse/kit'
import { createSignal, Show, type Accessor, type JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createUnboundHosts, UnboundMark } from '../hosts/unbound.tsx'
import { kindWords } from './lease-words.ts'
import { isAlive, standingWord, type Lease } from './live-leases.ts'
import { RevokeDialog } from './revoke-dialog.tsx'

const columnsOf = (now: Accessor<number>, isUnbound: (hostId: string | null) => boolean): readonly Column<Lease>[] => [
  {
    title: 'Access',
    rank: 'main',
    cell: (lease) => (
      <span class="row">
        {lease.role}
        <UnboundMark when={isUnbound(lease.hostId)} />
      </span>
    ),
  },
  { title: 'Time left', cell: (lease) => <Left lease={lease} now={now} /> },
  { title: 'State', cell: (lease) => <StateMark state={standingWord(lease, now())} /> },
  { title: 'Kind', cell: (lease) => kindWords(lease), rank: 'late' },
  { title: 'Revocation', cell: (lease) => <span class="list-two-lines">{revocabilityText(lease)}</span>, rank: 'late' },
  { title: 'Owner', cell: (lease) => lease.principalName },
  { title: 'Purpose', cell: (lease) => lease.purpose, free: true },
  { title: 'Issued', cell: (lease) => <Moment at={lease.issuedAt} />, rank: 'late' },
]

/** What is left of a lease, or when it ended. */
export function Left(props: { lease: Lease; now: Accessor<number> }): JSX.Element {
  return (
    <Show
      when={props.lease.state === 'active' || props.lease.state === 'pending'}
      fallback={
        <Show when={props.lease.endedAt} fallback={<span class="muted">—</span>}>
          {(at) => (
            <span class="muted">
              ended <Moment at={at()} />
            </span>
          )}
        </Show>
      }
    >
      <TimeLeft from={props.lease.issuedAt} to={props.lease.expiresAt} now={props.now} />
    </Show>
  )
}

/** Leases in rows, each with its count-down and the button that ends it. */
export function LeaseList(props: {
  label: string
  leases: readonly Lease[]
  now: Accessor<number>
  selected?: string | undefined
  search?: string
}): JSX.Element {
  const access = useAccess()
  const isUnbound = createUnboundHosts()
  const [revoking, setRevoking] = createSignal<Lease | null>(null)
  return (
    <>
      <DataList
        label={props.label}
        items={props.leases}
        columns={columnsOf(props.now, isUnbound)}
        key={(lease) => lease.id}
        selected={props.selected}
        href={(lease) => `/access/leases/${lease.id}${props.search ?? ''}`}
        actions={(lease) => (
          <Show when={isAlive(lease)}>
            <Button
              class="button-small"
              blocked={access.why('lease.revoke', lease.workspace)}
              onClick={() => setRevoking(lease)}
              aria-label={`Revoke the ${kindWords(lease)} for ${lease.role}`}
            >
              Revoke
            </Button>
          </Show>
        )}
      />
      <Show when={revoking()}>{(lease) => <RevokeDialog lease={lease()} onClose={() => setRevoking(null)} />}</Show>
    </>
  )
}
