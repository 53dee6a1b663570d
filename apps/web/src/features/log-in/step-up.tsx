import { createResource, Show, type JSX } from 'solid-js'
import { call } from '../../api.ts'
import type { StepUpRequest } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note, Skeleton } from '../../ui/feedback.tsx'
import { actWords, wordsOf } from '../../words.ts'
import { signWithKey } from './ceremonies.ts'
import { FactorForm, type Proof } from './factor-form.tsx'

/** Asks in place for a factor that the person has; then what was being done goes on. */
export default function StepUpDialog(props: { request: StepUpRequest }): JSX.Element {
  const [begun, { refetch }] = createResource(() => call('auth.stepUpBegin', {}))
  // A challenge is good for one signature, so a second try asks anew; the first one uses what came with the dialog.
  let unused = true
  const sign = async (): Promise<Record<string, unknown>> => {
    const { options } = unused && begun.latest !== undefined ? begun.latest : await call('auth.stepUpBegin', {})
    unused = false
    return signWithKey(options ?? {})
  }
  const prove = async (proof: Proof): Promise<void> => {
    if ('backupCode' in proof) return // never among the methods: a code on paper does not prove presence
    await call('auth.stepUpComplete', proof)
    props.request.proved()
  }
  return (
    <Dialog open title="Verify your identity" onClose={() => props.request.given()}>
      <p class="muted">To {actWords(props.request.refused)}, verify with your second factor. Your changes are kept.</p>
      <Show
        when={begun.state !== 'errored'}
        fallback={
          <Note
            tone="bad"
            title={wordsOf(begun.error).title}
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            {wordsOf(begun.error).next}
          </Note>
        }
      >
        <Show when={begun.state === 'ready' && begun()} fallback={<Skeleton lines={2} />}>
          {(given) => (
            <FactorForm
              methods={given().methods.filter((method) => method !== 'backupCode')}
              action="Verify and continue"
              prove={prove}
              sign={sign}
            >
              <Button look="quiet" onClick={() => props.request.given()}>
                Cancel
              </Button>
            </FactorForm>
          )}
        </Show>
      </Show>
    </Dialog>
  )
}
