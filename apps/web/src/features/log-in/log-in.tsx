import { createSignal, onMount, Show, type JSX } from 'solid-js'
import type { Wire } from '@gatehouse/contract'
import { call } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { CodeField, TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { Title } from '../../ui/title.tsx'
import { wordsOf } from '../../words.ts'
import { Brand } from './brand.tsx'
import './log-in.css'

type Challenge = NonNullable<Wire<'auth.login'>['challenge']>

/** The log-in, as a page. */
export function LogIn(): JSX.Element {
  return (
    <main class="log-in">
      <Title of="Log in" />
      <div class="log-in-card">
        <Brand />
        <h1>Log in</h1>
        <LogInForm />
      </div>
    </main>
  )
}

/** Password, then a code where the account has an authenticator. Nothing is held back for later: no session exists before both are right. */
export function LogInForm(props: { username?: string }): JSX.Element {
  const [challenge, setChallenge] = createSignal<Challenge | null>(null)
  return (
    <Show when={challenge()} fallback={<PasswordForm username={props.username ?? ''} onChallenge={setChallenge} />}>
      {(given) => <CodeForm challenge={given()} onBack={() => setChallenge(null)} />}
    </Show>
  )
}

function FormError(props: { error: unknown }): JSX.Element {
  return <Show when={props.error}>{(error) => <Note tone="bad" title={wordsOf(error()).title}>{wordsOf(error()).next}</Note>}</Show>
}

function PasswordForm(props: { username: string; onChallenge: (challenge: Challenge) => void }): JSX.Element {
  const session = useSession()
  const form = createForm({ name: 'auth.login', initial: { username: props.username, password: '' }, input: ({ username = '', password = '' }) => ({ username, password }), call })
  let first: HTMLInputElement | undefined
  onMount(() => setTimeout(() => first?.focus())) // after a dialog around it has had its say about focus
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const answer = await form.send()
    if (answer === null) return
    if (answer.challenge !== null) props.onChallenge(answer.challenge)
    else await session.reload()
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <FormError error={form.error()} />
      <TextField label="User name" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required value={form.values()['username'] ?? ''} onText={form.set('username')} problem={form.problem('username')} ref={(element) => { if (props.username === '') first = element }} />
      <TextField label="Password" name="password" type="password" autocomplete="current-password" required value={form.values()['password'] ?? ''} onText={form.set('password')} problem={form.problem('password')} ref={(element) => { first ??= element }} />
      <Button type="submit" look="primary" busy={form.busy()}>Continue</Button>
    </form>
  )
}

function CodeForm(props: { challenge: Challenge; onBack: () => void }): JSX.Element {
  const session = useSession()
  const form = createForm({ name: 'auth.completeMfa', initial: { totp: '' }, input: ({ totp = '' }) => ({ challengeId: props.challenge.id, totp }), call })
  let field: HTMLInputElement | undefined
  onMount(() => field?.focus())
  const submit = async (event?: SubmitEvent): Promise<void> => {
    event?.preventDefault()
    if (await form.send() !== null) await session.reload()
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <FormError error={form.error()} />
      <CodeField label="Code from your authenticator app" hint="Six digits; a new code comes every 30 seconds, and each works once." value={form.values()['totp'] ?? ''} problem={form.problem('totp')} onText={form.set('totp')} ref={(element) => { field = element }} />
      <Button type="submit" look="primary" busy={form.busy()}>Log in</Button>
      <Button look="quiet" onClick={() => props.onBack()}>Use another account</Button>
    </form>
  )
}
