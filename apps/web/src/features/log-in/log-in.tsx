import { useNavigate } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { FingerprintPattern as Fingerprint } from '../../generated/icons.tsx'
import { call, onOurClock } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { Title } from '../../ui/title.tsx'
import { Brand } from './brand.tsx'
import { keyProblem, keysSupported, signWithKey, withdrawOffer } from './ceremonies.ts'
import { FactorForm, type Proof } from './factor-form.tsx'
import { FormError } from './form-error.tsx'
import { rememberMethod } from './methods.ts'
import { keepOffering } from './passkey-offer.ts'
import './log-in.css'

type Challenge = NonNullable<Wire<'auth.login'>['challenge']>

/** The log-in, as a page. */
export function LogIn(): JSX.Element {
  const session = useSession()
  const navigate = useNavigate()
  const timedOut = (): boolean => {
    const state = session.state()
    return state.at === 'anonymous' && state.timedOut
  }
  return (
    <main class="log-in">
      <Title of="Log in" />
      <div class="log-in-card">
        <Brand />
        <h1>Log in</h1>
        <Show when={timedOut()}>
          <Note tone="warn" title="You were logged out.">
            Your session expired. Log in to return to where you were.
          </Note>
        </Show>
        <LogInForm onRecovered={() => navigate('/me/authenticators')} />
      </div>
    </main>
  )
}

/**
 * A passkey alone, or a password and then a second factor. Nothing is held back for later: no session exists before
 * both are right.
 */
export function LogInForm(props: { username?: string; onRecovered?: () => void }): JSX.Element {
  const [challenge, setChallenge] = createSignal<Challenge | null>(null)
  return (
    <Show when={challenge()} fallback={<FirstFactor username={props.username ?? ''} onChallenge={setChallenge} />}>
      {(given) => (
        <SecondFactor challenge={given()} onBack={() => setChallenge(null)} onRecovered={() => props.onRecovered?.()} />
      )}
    </Show>
  )
}

function FirstFactor(props: { username: string; onChallenge: (challenge: Challenge) => void }): JSX.Element {
  const session = useSession()
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const attempt = async (logIn: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await logIn()
      rememberMethod('passkey')
      await session.reload()
    } catch (problem) {
      setError(() => keyProblem(problem))
    } finally {
      setBusy(false)
    }
  }
  const complete = async (id: string, assertion: Record<string, unknown>): Promise<void> =>
    void (await call('auth.passkeyComplete', { id, assertion }))
  const logInByPasskey = (): Promise<void> =>
    attempt(async () => {
      const begun = await call('auth.passkeyBegin', {})
      await complete(begun.id, await signWithKey(begun.options))
    })
  onMount(() => onCleanup(keepOffering((begun, assertion) => attempt(() => complete(begun.id, assertion)))))
  return (
    <div class="stack">
      <FormError error={error()} />
      <Show when={keysSupported()}>
        <Button
          class="button-wide"
          busy={busy()}
          icon={<Fingerprint aria-hidden="true" />}
          onClick={() => void logInByPasskey()}
        >
          Log in with a passkey
        </Button>
        <p class="or" aria-hidden="true">
          <span>or</span>
        </p>
      </Show>
      <PasswordForm username={props.username} onChallenge={props.onChallenge} />
    </div>
  )
}

function PasswordForm(props: { username: string; onChallenge: (challenge: Challenge) => void }): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'auth.login',
    initial: { username: props.username, password: '' },
    input: ({ username = '', password = '' }) => ({ username, password }),
    call,
  })
  let first: HTMLInputElement | undefined
  onMount(() => setTimeout(() => first?.focus())) // after a dialog around it has had its say about focus
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const answer = await form.send()
    if (answer === null) return
    if (answer.challenge === null) return session.reload()
    withdrawOffer()
    props.onChallenge(answer.challenge)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <FormError error={form.error()} />
      <TextField
        label="User name"
        name="username"
        autocomplete="username webauthn"
        autocapitalize="none"
        spellcheck={false}
        required
        value={form.values()['username'] ?? ''}
        onText={form.set('username')}
        problem={form.problem('username')}
        ref={(element) => {
          if (props.username === '') first = element
        }}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        value={form.values()['password'] ?? ''}
        onText={form.set('password')}
        problem={form.problem('password')}
        ref={(element) => {
          first ??= element
        }}
      />
      <Button type="submit" look="primary" busy={form.busy()}>
        Continue
      </Button>
    </form>
  )
}

function SecondFactor(props: { challenge: Challenge; onBack: () => void; onRecovered: () => void }): JSX.Element {
  const session = useSession()
  const now = createNow()
  const over = (): boolean => now() >= onOurClock(props.challenge.expiresAt)
  const sign = async (): Promise<Record<string, unknown>> =>
    signWithKey((await call('auth.mfaOptions', { challengeId: props.challenge.id })).options)
  const prove = async (proof: Proof): Promise<void> => {
    await call('auth.completeMfa', { challengeId: props.challenge.id, ...proof })
    if ('backupCode' in proof) props.onRecovered()
    await session.reload()
  }
  return (
    <Show
      when={!over()}
      fallback={
        <Note
          tone="warn"
          title="The log-in timed out."
          action={<Button onClick={() => props.onBack()}>Start again</Button>}
        >
          A log-in has to be completed within a few minutes.
        </Note>
      }
    >
      <FactorForm methods={props.challenge.methods} action="Log in" prove={prove} sign={sign}>
        <Button look="quiet" onClick={() => props.onBack()}>
          Use another account
        </Button>
      </FactorForm>
    </Show>
  )
}
