import type { Wire } from '@gatehouse/contract'
import { createResource, createSignal, onMount, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { Skeleton } from '../../ui/feedback.tsx'
import { CodeField, TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Title } from '../../ui/title.tsx'
import { Problem } from '../answer/answer.tsx'
import { Brand } from './brand.tsx'
import { QrCode } from './qr.tsx'
import './log-in.css'

/** What must be done before anything else: an own password, then a second factor. */
export default function FirstSteps(): JSX.Element {
  const session = useSession()
  const needsPassword = (): boolean => session.me()?.missing.includes('passwordChange') === true
  return (
    <main class="log-in">
      <Title of="First steps" />
      <div class="log-in-card log-in-card-wide">
        <div class="row spread"><Brand /><Button look="quiet" onClick={() => void session.logOut()}>Log out</Button></div>
        <ol class="steps" aria-label="First steps">
          <li aria-current={needsPassword() ? 'step' : undefined}>1 · Your password</li>
          <li aria-current={needsPassword() ? undefined : 'step'}>2 · Second factor</li>
        </ol>
        <Show when={needsPassword()} fallback={<EnrolAuthenticator onDone={() => void session.reload()} />}>
          <div class="stack-tight">
            <h1>Choose your password</h1>
            <p class="muted">You logged in as <strong>{session.me()?.username}</strong> with a one-time password. It has done its work; from now on only you know yours.</p>
          </div>
          <ChangePassword currentLabel="One-time password" onDone={() => void session.reload()} />
        </Show>
      </div>
    </main>
  )
}

/** Changes the person's password; the other sessions end by it. */
export function ChangePassword(props: { currentLabel: string; onDone: () => void }): JSX.Element {
  const session = useSession()
  const [again, setAgain] = createSignal('')
  const [mismatch, setMismatch] = createSignal<string | undefined>()
  const form = createForm({ name: 'password.change', initial: { currentPassword: '', newPassword: '' }, input: ({ currentPassword = '', newPassword = '' }) => ({ currentPassword, newPassword }), call: session.act })
  let first: HTMLInputElement | undefined
  onMount(() => first?.focus())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setMismatch(again() === form.values()['newPassword'] ? undefined : 'the two are not the same')
    if (mismatch() === undefined && await form.send() !== null) props.onDone()
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <input class="visually-hidden" tabindex="-1" aria-hidden="true" type="text" autocomplete="username" value={session.me()?.username ?? ''} readonly />
      <TextField label={props.currentLabel} type="password" autocomplete="current-password" required value={form.values()['currentPassword'] ?? ''} problem={form.problem('currentPassword')} onText={form.set('currentPassword')} ref={(element) => { first = element }} />
      <TextField label="New password" type="password" autocomplete="new-password" required hint="Long beats complicated: four random words are good. Passwords that are known to be in use by many are refused." value={form.values()['newPassword'] ?? ''} problem={form.problem('newPassword')} onText={form.set('newPassword')} />
      <TextField label="New password again" type="password" autocomplete="new-password" required value={again()} problem={mismatch()} onText={(text) => { setAgain(text); setMismatch(undefined) }} />
      <div class="form-actions"><Button type="submit" look="primary" busy={form.busy()}>Change password</Button></div>
    </form>
  )
}

/** Enrols a TOTP authenticator: shows its secret once, as a picture and as text, and waits for the first code. */
export function EnrolAuthenticator(props: { onDone: () => void }): JSX.Element {
  const session = useSession()
  const [enrolment, { refetch }] = createResource(() => session.act('totp.enroll', { name: 'authenticator app' }))
  return (
    <>
      <div class="stack-tight">
        <h1>Add your second factor</h1>
        <p class="muted">Scan the picture with an authenticator app, then type the code it shows. Without it nobody gets in as you, even with your password.</p>
      </div>
      <Show when={enrolment.state !== 'errored'} fallback={<Problem error={enrolment.error} retry={() => void refetch()} />}>
        <Show when={enrolment.latest} fallback={<Skeleton lines={5} />}>{(given) => <ConfirmEnrolment enrolment={given()} onDone={props.onDone} />}</Show>
      </Show>
    </>
  )
}

const grouped = (secret: string): string => secret.replaceAll(/(.{4})(?=.)/g, '$1 ')

function ConfirmEnrolment(props: { enrolment: Wire<'totp.enroll'>; onDone: () => void }): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const form = createForm({ name: 'totp.confirm', initial: { code: '' }, input: ({ code = '' }) => ({ id: props.enrolment.id, code }), call: session.act })
  let field: HTMLInputElement | undefined
  onMount(() => field?.focus())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (await form.send() === null) return
    tell('Second factor added. From now on every log-in asks for it.')
    props.onDone()
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="enrol">
        <QrCode text={props.enrolment.otpauthUri} label="QR code for your authenticator app; the same key stands beside it as text" />
        <div class="enrol-manual">
          <h2>No camera?</h2>
          <p class="muted">Type this key into the app: time-based, 6 digits, 30 seconds.</p>
          <CopyBlock text={grouped(props.enrolment.secret)} what="setup key" />
        </div>
      </div>
      <CodeField label="Code that the app shows" value={form.values()['code'] ?? ''} problem={form.problem('code')} onText={form.set('code')} ref={(element) => { field = element }} />
      <div class="form-actions"><Button type="submit" look="primary" busy={form.busy()}>Confirm</Button></div>
    </form>
  )
}
