import { useNavigate } from '@solidjs/router'
import { createSignal, onMount, Show, type JSX } from 'solid-js'
import { call, CallRefused } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { createForm } from '../../ui/form.ts'
import { Title } from '../../ui/title.tsx'
import { LocalProblem } from '../../words.ts'
import { Brand } from '../log-in/brand.tsx'
import { FormError } from '../log-in/form-error.tsx'
import { createNewPassword, NewPasswordFields } from '../log-in/new-password.tsx'
import { takeInvitation } from './take-invitation.ts'
import '../log-in/log-in.css'

/** For somebody invited: sets the first password, then come the first steps. */
export default function AcceptInvitation(): JSX.Element {
  const invitation = takeInvitation()
  return (
    <main class="log-in">
      <Title of="Invitation" />
      <div class="log-in-card log-in-card-wide">
        <Brand />
        <Show when={invitation} fallback={<NoInvitation />}>
          {(text) => <AcceptForm invitation={text()} />}
        </Show>
      </div>
    </main>
  )
}

function NoInvitation(): JSX.Element {
  return (
    <>
      <h1>Invitation</h1>
      <Note tone="warn" title="The link is incomplete.">
        Open it again from the message that you received. If you have already used it, log in instead.
      </Note>
      <div class="form-actions">
        <LinkButton href="/">Go to log-in</LinkButton>
      </div>
    </>
  )
}

function invitationProblem(error: unknown): unknown {
  if (!(error instanceof CallRefused) || error.code !== 'invalid-credentials') return error
  return new LocalProblem(
    {
      title: 'This invitation is no longer valid.',
      next: 'It was used, has expired or was withdrawn. Ask the person who invited you for a new one.',
    },
    { cause: error },
  )
}

function AcceptForm(props: { invitation: string }): JSX.Element {
  const session = useSession()
  const navigate = useNavigate()
  const form = createForm({
    name: 'auth.acceptInvite',
    initial: { newPassword: '' },
    input: ({ newPassword = '' }) => ({ invitation: props.invitation, newPassword }),
    call,
  })
  const fresh = createNewPassword(() => form.values()['newPassword'] ?? '', form.set('newPassword'))
  const [accepted, setAccepted] = createSignal(false)
  let first: HTMLInputElement | undefined
  onMount(() => first?.focus())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!fresh.agrees() || (await form.send()) === null) return
    setAccepted(true)
    await session.reload()
    navigate('/', { replace: true })
  }
  return (
    <>
      <div class="stack-tight">
        <h1>Welcome to Gatehouse</h1>
        <p class="muted">Choose a password. Next, you add a second factor.</p>
      </div>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <FormError error={invitationProblem(form.error())} />
        <NewPasswordFields
          of={fresh}
          problem={form.problem('newPassword')}
          ref={(element) => {
            first = element
          }}
        />
        <Button type="submit" look="primary" busy={form.busy() || accepted()}>
          Set password and continue
        </Button>
      </form>
    </>
  )
}
