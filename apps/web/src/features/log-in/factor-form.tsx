import { createSignal, For, Match, onMount, Show, Switch, type JSX } from 'solid-js'
import { KeyRound } from '../../generated/icons.tsx'
import { Button } from '../../ui/button.tsx'
import { CodeField, TextField } from '../../ui/field.tsx'
import { keyProblem } from './ceremonies.ts'
import { FormError } from './form-error.tsx'
import { lastMethod, methodWords, orderedMethods, rememberMethod, type Method } from './methods.ts'

/** What proves a factor: exactly one. */
export type Proof =
  | { readonly totp: string }
  | { readonly backupCode: string }
  | { readonly assertion: Record<string, unknown> }

interface FactorFormProps {
  readonly methods: readonly Method[]
  readonly action: string
  /** Proves; throws what the server or the key said. */
  readonly prove: (proof: Proof) => Promise<void>
  /** Has a key sign. */
  readonly sign: () => Promise<Record<string, unknown>>
  readonly children?: JSX.Element
}

/**
 * Asks for one of the factors that a person has: the one used last on this device first, the others a key press away.
 */
export function FactorForm(props: FactorFormProps): JSX.Element {
  const ordered = (): readonly Method[] => orderedMethods(props.methods, lastMethod())
  const [picked, setPicked] = createSignal<Method | null>(null)
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const method = (): Method | undefined => picked() ?? ordered()[0]
  const prove = async (proof: () => Promise<Proof>): Promise<void> => {
    const by = method()
    if (busy() || by === undefined) return
    setBusy(true)
    setError(undefined)
    try {
      await props.prove(await proof())
      rememberMethod(by)
    } catch (problem) {
      setError(() => (by === 'webauthn' ? keyProblem(problem) : problem))
    } finally {
      setBusy(false)
    }
  }
  const pick = (other: Method): void => {
    setError(undefined)
    setPicked(other)
  }
  return (
    <div class="stack">
      <FormError error={error()} />
      <Switch fallback={<p class="muted">You have no second factor that works here. Add an authenticator first.</p>}>
        <Match when={method() === 'totp'}>
          <CodeFactor
            action={props.action}
            busy={busy()}
            onProof={(totp) => void prove(() => Promise.resolve({ totp }))}
          />
        </Match>
        <Match when={method() === 'webauthn'}>
          <KeyFactor busy={busy()} onUse={() => void prove(async () => ({ assertion: await props.sign() }))} />
        </Match>
        <Match when={method() === 'backupCode'}>
          <BackupCodeFactor
            action={props.action}
            busy={busy()}
            onProof={(backupCode) => void prove(() => Promise.resolve({ backupCode }))}
          />
        </Match>
      </Switch>
      <OtherWays methods={ordered().filter((other) => other !== method())} onPick={pick} />
      {props.children}
    </div>
  )
}

function OtherWays(props: { methods: readonly Method[]; onPick: (method: Method) => void }): JSX.Element {
  return (
    <Show when={props.methods.length > 0}>
      <div class="other-ways">
        <p class="muted">Other methods</p>
        <ul class="stack-tight">
          <For each={props.methods}>
            {(method) => (
              <li>
                <Button onClick={() => props.onPick(method)}>{methodWords[method]}</Button>
              </li>
            )}
          </For>
        </ul>
      </div>
    </Show>
  )
}

interface TextFactorProps {
  readonly action: string
  readonly busy: boolean
  readonly onProof: (text: string) => void
}

function createTextFactor(props: TextFactorProps, complaint: string) {
  const [text, setText] = createSignal('')
  const [problem, setProblem] = createSignal<string | undefined>()
  let field: HTMLInputElement | undefined
  onMount(() => setTimeout(() => field?.focus())) // after a dialog around it has had its say about focus
  const set = (typed: string): void => {
    setText(typed)
    setProblem(undefined)
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    setProblem(text().trim() === '' ? complaint : undefined)
    if (problem() === undefined) props.onProof(text().trim())
  }
  return {
    text,
    set,
    problem,
    submit,
    ref: (element: HTMLInputElement) => {
      field = element
    },
  }
}

function CodeFactor(props: TextFactorProps): JSX.Element {
  const form = createTextFactor(props, 'Enter the code from your app')
  return (
    <form class="form" noValidate onSubmit={form.submit}>
      <CodeField
        label={methodWords.totp}
        hint="A new code appears every 30 seconds. Each code works once."
        value={form.text()}
        problem={form.problem()}
        onText={form.set}
        ref={form.ref}
      />
      <Button type="submit" look="primary" busy={props.busy}>
        {props.action}
      </Button>
    </form>
  )
}

function KeyFactor(props: { busy: boolean; onUse: () => void }): JSX.Element {
  let button: HTMLButtonElement | undefined
  onMount(() => setTimeout(() => button?.focus()))
  return (
    <div class="stack">
      <p class="muted">Your browser asks for your key. Touch it, or unlock your device.</p>
      <Button
        look="primary"
        busy={props.busy}
        icon={<KeyRound aria-hidden="true" />}
        onClick={() => props.onUse()}
        ref={(element) => {
          button = element
        }}
      >
        Use your key
      </Button>
    </div>
  )
}

function BackupCodeFactor(props: TextFactorProps): JSX.Element {
  const form = createTextFactor(props, 'Enter one of your backup codes')
  return (
    <form class="form" noValidate onSubmit={form.submit}>
      <TextField
        label={methodWords.backupCode}
        class="mono"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        hint="One of the ten codes that you saved. Dashes and spaces are optional."
        value={form.text()}
        problem={form.problem()}
        onText={form.set}
        ref={form.ref}
      />
      <p class="muted">
        Each code works once. After log-in you have 10 minutes to add a new authenticator; actions that need a second
        factor are not available until then.
      </p>
      <Button type="submit" look="primary" busy={props.busy}>
        {props.action}
      </Button>
    </form>
  )
}
