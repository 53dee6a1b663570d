import { onMount, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { Problem } from '../answer/answer.tsx'
import { createNewPassword, NewPasswordFields } from './new-password.tsx'

/** Changes the person's password; the other sessions end by it. */
export function ChangePassword(props: { currentLabel: string; focus?: boolean; onDone: () => void }): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'password.change',
    initial: { currentPassword: '', newPassword: '' },
    input: ({ currentPassword = '', newPassword = '' }) => ({ currentPassword, newPassword }),
    call: session.act,
  })
  const fresh = createNewPassword(() => form.values()['newPassword'] ?? '', form.set('newPassword'))
  let first: HTMLInputElement | undefined
  onMount(() => {
    if (props.focus === true) first?.focus()
  })
  const clear = (): void => {
    form.set('currentPassword')('')
    fresh.set('')
    fresh.setAgain('')
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!fresh.agrees() || (await form.send()) === null) return
    clear()
    props.onDone()
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <input
        class="visually-hidden"
        tabindex="-1"
        aria-hidden="true"
        type="text"
        autocomplete="username"
        value={session.me()?.username ?? ''}
        readonly
      />
      <TextField
        label={props.currentLabel}
        type="password"
        autocomplete="current-password"
        required
        value={form.values()['currentPassword'] ?? ''}
        problem={form.problem('currentPassword')}
        onText={form.set('currentPassword')}
        ref={(element) => {
          first = element
        }}
      />
      <NewPasswordFields of={fresh} problem={form.problem('newPassword')} />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()}>
          Change password
        </Button>
      </div>
    </form>
  )
}
