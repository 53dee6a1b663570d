import type { Raw } from '@gatehouse/contract'
import { revocabilityText } from '@gatehouse/kit'
import { For, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { DataList, type Column } from '../../ui/list.tsx'
import { counted } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { Left } from '../leases/lease-list.tsx'
import { kindWords } from '../leases/lease-words.ts'
import type { Lease } from '../leases/live-leases.ts'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { kindConsequences, lookWords, type Revocations } from './revoke-words.ts'

interface LookedAtProps {
  readonly which: Omit<Raw<'lease.revokeMany'>, 'reason'>
  readonly answer: Revocations
  readonly onDone: (answer: Revocations) => void
}

/** Which leases would be revoked, what that does, and the button that does it. */
export function LookedAt(props: LookedAtProps): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'lease.revokeMany',
    initial: { reason: '' },
    input: ({ reason = '' }) => ({ ...props.which, reason }),
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const answer = await form.send()
    if (answer !== null) props.onDone(answer)
  }
  return (
    <div class="stack">
      <p class="looked-words" role="status">
        <strong>{lookWords(props.answer)}.</strong>
        <Show when={props.answer.matching > props.answer.leases.length}>
          <span class="muted"> The first {props.answer.leases.length} to expire are shown.</span>
        </Show>
      </p>
      <LookedList leases={props.answer.leases} />
      <form class="card form" onSubmit={(event) => void submit(event)}>
        <dl class="consequences">
          <For each={kindConsequences(props.answer.leases)}>
            {([kind, words]) => (
              <div>
                <dt>{kind}</dt>
                <dd>{words}</dd>
              </div>
            )}
          </For>
        </dl>
        <p class="muted">
          Leases that fit and are issued in the meantime are revoked, too. This cannot be undone, but new credentials
          can be issued.
        </p>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <TextField
          label="Reason"
          hint="Recorded in the audit log, and shown with each lease."
          autocomplete="off"
          value={form.values()['reason']}
          problem={form.problem('reason')}
          onText={form.set('reason')}
        />
        <div class="form-actions">
          <Button type="submit" look="danger" busy={form.busy()}>
            Revoke {counted(props.answer.matching, 'lease')}
          </Button>
        </div>
      </form>
    </div>
  )
}

function LookedList(props: { leases: readonly Lease[] }): JSX.Element {
  const now = createNow()
  const workspaces = createWorkspaceNames()
  const columns: readonly Column<Lease>[] = [
    { title: 'Access', rank: 'main', cell: (lease) => lease.role },
    { title: 'Owner', cell: (lease) => lease.principalName },
    { title: 'Time left', cell: (lease) => <Left lease={lease} now={now} /> },
    { title: 'Kind', cell: (lease) => <span class="nowrap">{kindWords(lease)}</span> },
    { title: 'Revocation', cell: (lease) => <span class="nowrap">{revocabilityText(lease)}</span>, rank: 'late' },
    { title: 'Purpose', cell: (lease) => lease.purpose, free: true, rank: 'late' },
    { title: 'Workspace', cell: ({ workspace }) => workspaces().get(workspace) ?? workspace, rank: 'late' },
  ]
  return (
    <DataList
      label="Leases that would be revoked"
      items={props.leases}
      columns={columns}
      key={({ id }) => id}
      href={({ id }) => `/access/leases/${id}`}
    />
  )
}
