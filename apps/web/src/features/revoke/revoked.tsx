import { Show, type JSX } from 'solid-js'
import { Button, LinkButton } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { kindWords } from '../leases/lease-words.ts'
import { isAlive, standingWord, type Lease } from '../leases/live-leases.ts'
import { useLiveLeases } from '../leases/watching.tsx'
import { progressOf, progressWords, revokedWords, type Revocations } from './revoke-words.ts'

/** What became of each lease that was revoked, as it goes on. */
export function Revoked(props: { of: Revocations; onAgain: () => void }): JSX.Element {
  const live = useLiveLeases()
  const leases = (): readonly Lease[] => props.of.leases.map((lease) => newer(lease, live.leases().get(lease.id)))
  const progress = () => progressOf(leases())
  return (
    <Section title={revokedWords(props.of.revoked, progress())}>
      <div class="stack-tight">
        <progress
          class="progress"
          max={progress().of}
          value={progress().ended}
          aria-label="Revoked leases that have ended"
        />
        <p role="status">{progressWords(progress())}</p>
      </div>
      <Show when={props.of.revoked > props.of.leases.length}>
        <Note tone="calm" title={`${props.of.revoked - props.of.leases.length} more are revoked in the background.`}>
          The first {props.of.leases.length} are followed here. All of them are in the list of leases.
        </Note>
      </Show>
      <Results leases={leases()} />
      <div class="form-actions">
        <LinkButton href="/access/leases" look="primary">
          View leases
        </LinkButton>
        <Button onClick={() => props.onAgain()}>Revoke others</Button>
      </div>
    </Section>
  )
}

/** What the watch told of a lease before it was revoked is older than the answer. */
const newer = (answered: Lease, watched: Lease | undefined): Lease =>
  watched === undefined || (isAlive(watched) && !isAlive(answered)) ? answered : watched

function Results(props: { leases: readonly Lease[] }): JSX.Element {
  const now = createNow()
  const standing = (lease: Lease): string =>
    lease.state === 'active' || lease.state === 'pending' ? 'revoking' : standingWord(lease, now())
  const columns: readonly Column<Lease>[] = [
    { title: 'Access', rank: 'main', cell: (lease) => lease.role },
    { title: 'State', cell: (lease) => <StateMark state={standing(lease)} /> },
    { title: 'Owner', cell: (lease) => lease.principalName },
    { title: 'Kind', cell: (lease) => <span class="nowrap">{kindWords(lease)}</span> },
    { title: 'Problem', cell: (lease) => lease.lastError ?? '—', free: true },
  ]
  return (
    <DataList
      label="Revoked leases"
      items={props.leases}
      columns={columns}
      key={({ id }) => id}
      href={({ id }) => `/access/leases/${id}`}
    />
  )
}
