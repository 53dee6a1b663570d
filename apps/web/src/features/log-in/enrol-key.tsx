import type { Wire } from '@gatehouse/contract'
import { createSignal, onMount, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { TextField } from '../../ui/field.tsx'
import { Problem } from '../answer/answer.tsx'
import { fieldProblemsOf } from '../../words.ts'
import { keyProblem, makeCredential } from './ceremonies.ts'
import { KindActions } from './kind-actions.tsx'

type KeyKind = 'passkey' | 'securityKey'

const words: Readonly<Record<KeyKind, { readonly text: string; readonly verb: string; readonly example: string }>> = {
  passkey: {
    text:
      'Your browser asks where to save the passkey and to unlock your device. A synced passkey also ' +
      'works on your other devices.',
    verb: 'Create passkey',
    example: 'work laptop',
  },
  securityKey: {
    text: 'Have your key ready. Your browser asks you to plug it in and touch it.',
    verb: 'Register key',
    example: 'blue key on my ring',
  },
}

interface EnrolKeyProps {
  readonly kind: KeyKind
  readonly name: string
  readonly onName: (name: string) => void
  readonly onDone: (added: Wire<'webauthn.registerComplete'>) => void
  readonly onBack: () => void
}

/** Registers a passkey or a security key under a name. */
export function EnrolKey(props: EnrolKeyProps): JSX.Element {
  const session = useSession()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const [problem, setProblem] = createSignal<string | undefined>()
  let field: HTMLInputElement | undefined
  onMount(() => setTimeout(() => field?.focus())) // after a dialog around it has had its say about focus
  const register = async (): Promise<Wire<'webauthn.registerComplete'>> => {
    const begun = await session.act('webauthn.registerBegin', { name: props.name.trim(), kind: props.kind })
    return session.act('webauthn.registerComplete', { id: begun.id, credential: await makeCredential(begun.options) })
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setProblem(props.name.trim() === '' ? 'Required' : undefined)
    if (busy() || problem() !== undefined) return
    setBusy(true)
    setError(undefined)
    try {
      props.onDone(await register())
    } catch (thrown) {
      setProblem(fieldProblemsOf(thrown)['name'])
      if (problem() === undefined) setError(() => keyProblem(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form class="form" noValidate onSubmit={(event) => void submit(event)}>
      <Show when={error()}>{(thrown) => <Problem error={thrown()} />}</Show>
      <p class="muted">{words[props.kind].text}</p>
      <TextField
        label="Name"
        hint={`To recognize it later, for example “${words[props.kind].example}”.`}
        autocomplete="off"
        maxlength={100}
        value={props.name}
        problem={problem()}
        onText={(name) => {
          props.onName(name)
          setProblem(undefined)
        }}
        ref={(element) => {
          field = element
        }}
      />
      <KindActions verb={words[props.kind].verb} busy={busy()} onBack={props.onBack} />
    </form>
  )
}
