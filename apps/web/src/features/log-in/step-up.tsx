import { onMount, Show, type JSX } from 'solid-js'
import { call } from '../../api.ts'
import type { StepUpRequest } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { CodeField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { actWords, wordsOf } from '../../words.ts'

/** Asks for a code in place; then what was being done goes on. */
export default function StepUpDialog(props: { request: StepUpRequest }): JSX.Element {
  const form = createForm({ name: 'auth.stepUpComplete', initial: { totp: '' }, input: ({ totp = '' }) => ({ totp }), call })
  let field: HTMLInputElement | undefined
  onMount(() => setTimeout(() => field?.focus()))
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (await form.send() !== null) props.request.proved()
  }
  return (
    <Dialog open title="Prove it is you" onClose={() => props.request.given()}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p class="muted">To {actWords(props.request.refused)}, your second factor has to be fresh. What you were doing goes on right after; nothing you typed is lost.</p>
        <Show when={form.error()}>{(error) => <Note tone="bad" title={wordsOf(error()).title}>{wordsOf(error()).next}</Note>}</Show>
        <CodeField label="Code from your authenticator app" value={form.values()['totp'] ?? ''} problem={form.problem('totp')} onText={form.set('totp')} ref={(element) => { field = element }} />
        <div class="form-actions">
          <Button type="submit" look="primary" busy={form.busy()}>Prove and go on</Button>
          <Button onClick={() => props.request.given()}>Not now</Button>
        </div>
      </form>
    </Dialog>
  )
}
