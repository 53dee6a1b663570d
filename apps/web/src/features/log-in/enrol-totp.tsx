import type { Wire } from '@gatehouse/contract'
import { createSignal, onMount, Show, type Accessor, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { CodeField, SelectField, TextField } from '../../ui/field.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { Problem } from '../answer/answer.tsx'
import { KindActions } from './kind-actions.tsx'
import { QrCode } from './qr.tsx'

/** An enrolment that has begun, and what was chosen for it. It lives in the page's memory only. */
interface TotpDraft {
  readonly form: Form<Wire<'totp.enroll'>>
  readonly begun: Accessor<Wire<'totp.enroll'> | null>
  readonly setBegun: (enrolment: Wire<'totp.enroll'> | null) => void
}

const algorithms = ['SHA1', 'SHA256', 'SHA512'] as const
const algorithmOf = (text: string | undefined): (typeof algorithms)[number] =>
  algorithms.find((one) => one === text) ?? 'SHA1'

/** Makes the draft of an enrolment: it outlives going back, so that a key that was scanned already stays good. */
export function createTotpDraft(): TotpDraft {
  const session = useSession()
  const [begun, setBegun] = createSignal<Wire<'totp.enroll'> | null>(null)
  const form = createForm({
    name: 'totp.enroll',
    initial: { name: 'authenticator app', algorithm: 'SHA1' },
    call: session.act,
    input: ({ name = '', algorithm }) => ({ name: name.trim(), algorithm: algorithmOf(algorithm) }),
  })
  return {
    form,
    begun,
    setBegun: (enrolment) => {
      setBegun(() => enrolment)
    },
  }
}

interface EnrolTotpProps {
  readonly draft: TotpDraft
  readonly onDone: (added: Wire<'totp.confirm'>) => void
  readonly onBack: () => void
}

/** Enrols an authenticator app: a name, then its key as a picture and as text, then the first code. */
export function EnrolTotp(props: EnrolTotpProps): JSX.Element {
  return (
    <Show when={props.draft.begun()} fallback={<BeginTotp {...props} />}>
      {(begun) => (
        <ConfirmTotp
          enrolment={begun()}
          form={props.draft.form}
          onDone={props.onDone}
          onBack={() => props.draft.setBegun(null)}
        />
      )}
    </Show>
  )
}

const unusual = 'Most apps support only SHA-1, which is secure for this purpose.'

function BeginTotp(props: EnrolTotpProps): JSX.Element {
  const { form } = props.draft
  let field: HTMLInputElement | undefined
  onMount(() =>
    setTimeout(() => {
      field?.focus()
      field?.select()
    }),
  ) // after a dialog around it has had its say about focus
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const enrolment = await form.send()
    if (enrolment !== null) props.draft.setBegun(enrolment)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <TextField
        label="Name"
        hint="To recognize it later, for example the phone it is on."
        autocomplete="off"
        maxlength={100}
        value={form.values()['name'] ?? ''}
        problem={form.problem('name')}
        onText={form.set('name')}
        ref={(element) => {
          field = element
        }}
      />
      <details class="advanced">
        <summary>Advanced</summary>
        <SelectField
          label="Algorithm"
          hint={unusual}
          value={form.values()['algorithm'] ?? ''}
          options={[
            ['SHA1', 'SHA-1'],
            ['SHA256', 'SHA-256'],
            ['SHA512', 'SHA-512'],
          ]}
          problem={form.problem('algorithm')}
          onText={form.set('algorithm')}
        />
      </details>
      <KindActions verb="Show the QR code" busy={form.busy()} onBack={props.onBack} />
    </form>
  )
}

const grouped = (secret: string): string => secret.replaceAll(/(.{4})(?=.)/g, '$1 ')

function ConfirmTotp(props: {
  enrolment: Wire<'totp.enroll'>
  form: TotpDraft['form']
  onDone: (added: Wire<'totp.confirm'>) => void
  onBack: () => void
}): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'totp.confirm',
    initial: { code: '' },
    input: ({ code = '' }) => ({ id: props.enrolment.id, code }),
    call: session.act,
  })
  let field: HTMLInputElement | undefined
  onMount(() => setTimeout(() => field?.focus())) // after a dialog around it has had its say about focus
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const added = await form.send()
    if (added !== null) props.onDone(added)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <p class="muted">Scan the QR code with your app, then enter the code that it shows.</p>
      <div class="enrol">
        <QrCode
          text={props.enrolment.otpauthUri}
          label="QR code for your authenticator app. The setup key is also shown as text."
        />
        <div class="enrol-manual">
          <h3>Can't scan it?</h3>
          <p class="muted">
            Enter this key in the app: time-based, 6 digits, 30 seconds, {algorithmOf(props.form.values()['algorithm'])}
            .
          </p>
          <CopyBlock text={grouped(props.enrolment.secret)} what="setup key" />
        </div>
      </div>
      <CodeField
        label="Code from the app"
        value={form.values()['code'] ?? ''}
        problem={form.problem('code')}
        onText={form.set('code')}
        ref={(element) => {
          field = element
        }}
      />
      <KindActions verb="Confirm" busy={form.busy()} onBack={props.onBack} />
    </form>
  )
}
