import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { durationText } from '@gatehouse/kit'
import { ShieldAlert } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Problem } from '../answer/answer.tsx'
import type { RequestDetail } from './emergency-words.ts'

type Activation = Wire<'breakGlass.activate'>

/** Begins the emergency session. Its token lives in this dialog's memory only, and is shown once. */
export function ActivateDialog(props: {
  request: RequestDetail
  onDone: () => void
  onClose: () => void
}): JSX.Element {
  const session = useSession()
  const [begun, setBegun] = createSignal<Activation | null>(null)
  const [taken, setTaken] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const activate = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      setBegun(await session.act('breakGlass.activate', { id: props.request.id }))
      props.onDone()
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  const close = (): void => {
    const untaken = begun() !== null && !taken()
    const sure = 'You have not copied the emergency token yet, and it will not be shown again. Close anyway?'
    if (!untaken || window.confirm(sure)) props.onClose()
  }
  return (
    <Dialog open title={begun() === null ? 'Activate emergency access?' : 'Emergency access is active'} onClose={close}>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Show
        when={begun()}
        fallback={
          <div class="stack">
            <p>
              The clock starts now: {durationText(props.request.durationSeconds)}, less if it is not used for 30
              minutes. All administrators are told. Everything that you do with it is audited and reviewed.
            </p>
            <p class="muted">
              Activate on the device where you will work: the emergency token is shown once, for a terminal.
            </p>
            <div class="form-actions">
              <Button look="primary" busy={busy()} onClick={() => void activate()}>
                Activate
              </Button>
              <Button onClick={() => props.onClose()}>Cancel</Button>
            </div>
          </div>
        }
      >
        {(activation) => <Token token={activation().accessToken} onTaken={() => setTaken(true)} onClose={close} />}
      </Show>
    </Dialog>
  )
}

function Token(props: { token: string; onTaken: () => void; onClose: () => void }): JSX.Element {
  return (
    <div class="stack">
      <Note tone="warn" icon={<ShieldAlert />} title="The emergency token is shown only once.">
        Anyone who has it can do what was approved until the session ends.
      </Note>
      <SecretBlock secret={props.token} what="emergency token" onTaken={props.onTaken} />
      <p>
        Set it as <code>GATEHOUSE_TOKEN</code> in one terminal, and run <code>npx --no-install gatehouse</code> there.
      </p>
      <div class="form-actions">
        <Button onClick={() => props.onClose()}>Done</Button>
      </div>
    </div>
  )
}
