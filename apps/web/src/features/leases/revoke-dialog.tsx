import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Problem } from '../answer/answer.tsx'
import { kindWords, revokeWords } from './lease-words.ts'
import type { Lease } from './live-leases.ts'
import { useLiveLeases } from './watching.tsx'

/** Revokes a lease, after saying exactly what that will do and asking for the reason. */
export function RevokeDialog(props: {
  lease: Lease
  onClose: () => void
  onDone?: (lease: Lease) => void
}): JSX.Element {
  const session = useSession()
  const live = useLiveLeases()
  const { tell } = useNotices()
  const form = createForm({
    name: 'lease.revoke',
    initial: { reason: '' },
    input: ({ reason = '' }) => ({ id: props.lease.id, reason }),
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const lease = await form.send()
    if (lease === null) return
    live.put(lease)
    if (lease.state === 'revoked') tell(`Revoked: the ${kindWords(lease)} for ${lease.role} no longer works.`)
    else tell(`Revoking the ${kindWords(lease)} for ${lease.role}. The host has not confirmed yet.`, 'warn')
    props.onDone?.(lease)
    props.onClose()
  }
  return (
    <Dialog open title="Revoke this credential?" onClose={() => props.onClose()}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>
          <strong>{revokeWords(props.lease).head}</strong>
        </p>
        <p class="muted">{revokeWords(props.lease).detail}</p>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <TextField
          label="Reason"
          hint="Recorded in the audit log."
          value={form.values()['reason'] ?? ''}
          problem={form.problem('reason')}
          onText={form.set('reason')}
          autocomplete="off"
        />
        <div class="form-actions">
          <Button type="submit" look="danger" busy={form.busy()}>
            Revoke
          </Button>
          <Button onClick={() => props.onClose()}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}
