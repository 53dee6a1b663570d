import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createResource, createSignal, Show, type JSX } from 'solid-js'
import { durationText } from '@gatehouse/kit'
import { KeyRound } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Skeleton } from '../../ui/feedback.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { counted, LocalProblem } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { keyProblem, keysSupported, signWithKey } from '../log-in/ceremonies.ts'
import { groupedHash, type RequestDocument } from './request-document.ts'

type Options = Wire<'breakGlass.approveOptions'>
type By = 'key' | 'code'

interface ApproveProps {
  readonly id: string
  /** Of the document that was read. */
  readonly hash: string
  readonly document: RequestDocument
  readonly onDone: () => void
  readonly onClose: () => void
}

const changed = new LocalProblem({
  title: 'The request was changed.',
  next: 'Close this and read it again before you approve it.',
})

function doneWords({ state, missing, drill }: Wire<'breakGlass.approve'>): string {
  if (state === 'approved') return `Approved. The requester can ${drill ? 'finish' : 'activate'} it now.`
  return missing === null || missing === 0 ? 'Approved.' : `Approved. ${counted(missing, 'more approver')} needed.`
}

/** One vote: by a key that signs this very request, else by a code where the rule admits that. */
function createVote(props: ApproveProps) {
  const session = useSession()
  const { tell } = useNotices()
  const ask = (): Promise<Options> => session.act('breakGlass.approveOptions', { id: props.id })
  const [asked] = createResource(ask)
  const [busy, setBusy] = createSignal<By | null>(null)
  const [error, setError] = createSignal<unknown>()
  // A challenge is good for one signature, so a second try asks anew; the first one uses what came with the dialog.
  let unused = true
  const optionsNow = async (): Promise<Options> => {
    const options = unused && asked.state === 'ready' ? asked() : await ask()
    unused = false
    if (options.hash !== props.hash) throw changed
    return options
  }
  const proofBy = async (by: By): Promise<{ assertion?: Record<string, unknown> }> =>
    by === 'key' ? { assertion: await signWithKey((await optionsNow()).options ?? {}) } : {}
  const vote = async (by: By): Promise<void> => {
    if (busy() !== null) return
    setBusy(by)
    setError(undefined)
    try {
      const request = await session.act('breakGlass.approve', {
        id: props.id,
        hash: props.hash,
        ...(await proofBy(by)),
      })
      tell(doneWords(request))
      props.onDone()
      props.onClose()
    } catch (problem) {
      setError(() => (by === 'key' ? keyProblem(problem) : problem))
    } finally {
      setBusy(null)
    }
  }
  return { asked, busy, error, vote }
}

/** Asks for the signature, and says what it makes possible. */
export function ApproveDialog(props: ApproveProps): JSX.Element {
  const { asked, busy, error, vote } = createVote(props)
  return (
    <Dialog
      open
      title={props.document.drill ? 'Approve this drill?' : 'Approve emergency access?'}
      onClose={() => props.onClose()}
    >
      <div class="stack">
        <Show
          when={!props.document.drill}
          fallback={<p>It is a drill of {props.document.requester.name}: nobody gets access by your approval.</p>}
        >
          <p>
            {props.document.requester.name} can act in {props.document.workspace.name} (
            {props.document.workspace.environment}) for {durationText(props.document.durationSeconds)}, as soon as
            enough people have approved.
          </p>
        </Show>
        <div>
          <p class="muted">You approve the document with this hash:</p>
          <p class="emergency-hash">{groupedHash(props.hash)}</p>
        </div>
        <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
        <Show when={asked.state !== 'errored'} fallback={<Problem error={asked.error} />}>
          <Show when={asked.state === 'ready' && asked()} fallback={<Skeleton lines={2} />}>
            {(options) => (
              <Ways options={options()} busy={busy()} onVote={(by) => void vote(by)} onClose={() => props.onClose()} />
            )}
          </Show>
        </Show>
      </div>
    </Dialog>
  )
}

function Ways(props: {
  options: Options
  busy: By | null
  onVote: (by: By) => void
  onClose: () => void
}): JSX.Element {
  const byKey = (): boolean => props.options.options !== null && keysSupported()
  return (
    <div class="stack-tight">
      <Show when={byKey()}>
        <Button
          look="primary"
          class="emergency-wide"
          icon={<KeyRound aria-hidden="true" />}
          busy={props.busy === 'key'}
          disabled={props.busy === 'code'}
          onClick={() => props.onVote('key')}
        >
          Approve with your key
        </Button>
      </Show>
      <Show when={props.options.totpAdmitted}>
        <Button
          look={byKey() ? 'quiet' : 'primary'}
          class="emergency-wide"
          busy={props.busy === 'code'}
          disabled={props.busy === 'key'}
          onClick={() => props.onVote('code')}
        >
          {byKey() ? 'Approve with a code instead' : 'Approve with a code'}
        </Button>
        <p class="muted">
          A code shows that you are here, not what you approved: the approval is marked as weaker for everybody who
          reads it.
        </p>
      </Show>
      <Show when={!byKey() && !props.options.totpAdmitted}>
        <p>
          The approval rule asks for a key, and you have none that works here.{' '}
          <A href="/me/authenticators">Add a passkey or security key</A>, or let somebody else approve.
        </p>
      </Show>
      <Button look="quiet" class="emergency-wide" onClick={() => props.onClose()}>
        Cancel
      </Button>
    </div>
  )
}
