import type { Wire } from '@gatehouse/contract'
import { createSignal, onMount, Show, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm, given } from '../../ui/form.ts'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { Authority, Credential } from '../issue/credential.tsx'
import { tryCommand } from '../issue/material-words.ts'
import { consequenceWords, revocabilityWords } from '../leases/lease-words.ts'
import { FormError } from '../log-in/form-error.tsx'
import { unwrapProblem } from './unwrap-words.ts'

type Opened = Wire<'lease.unwrap'>

/** Opens a wrapped credential: asks for its token, and shows what was in it once. */
export function UnwrapForm(): JSX.Element {
  const [opened, setOpened] = createSignal<Opened | null>(null)
  return (
    <Show when={opened()} fallback={<AskToken onOpened={setOpened} />}>
      {(found) => <OpenedCredential of={found()} />}
    </Show>
  )
}

function AskToken(props: { onOpened: (opened: Opened) => void }): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'lease.unwrap',
    initial: { token: '', role: '' },
    input: ({ token = '', role }) => ({ token: token.trim(), role: given(role) }),
    call: session.act,
  })
  let first: HTMLInputElement | undefined
  onMount(() => first?.focus())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const answer = await form.send()
    if (answer !== null) props.onOpened(answer)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <FormError error={unwrapProblem(form.error())} />
      <TextField
        label="Wrap token"
        hint="It opens the credential once. Have a place ready to keep the credential."
        type="password"
        class="mono"
        autocomplete="off"
        spellcheck={false}
        value={form.values()['token'] ?? ''}
        problem={form.problem('token')}
        onText={form.set('token')}
        ref={(element) => {
          first = element
        }}
      />
      <TextField
        label="Expected role (optional)"
        hint="If the token was exchanged on its way to you, the role is another: it is refused, and nothing is opened."
        autocomplete="off"
        value={form.values()['role'] ?? ''}
        problem={form.problem('role')}
        onText={form.set('role')}
      />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()}>
          Open credential
        </Button>
      </div>
    </form>
  )
}

function OpenedCredential(props: { of: Opened }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  const now = createNow()
  let heading: HTMLHeadingElement | undefined
  guardUntaken('credential', taken)
  // the field that had the focus is gone
  onMount(() => heading?.focus())
  return (
    <div class="stack">
      <div class="row">
        <strong>{props.of.lease.role}</strong>
        <TimeLeft from={props.of.lease.issuedAt} to={props.of.lease.expiresAt} now={now} />
      </div>
      <section class="stack-tight">
        <h2
          tabindex="-1"
          ref={(element) => {
            heading = element
          }}
        >
          Copy the credential
        </h2>
        <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once.">
          The token does not open it again. Anyone who has the credential can use it until it expires.
        </Note>
        <Credential of={props.of.material} onTaken={() => setTaken(true)} />
      </section>
      <Authority pem={props.of.material.authority} />
      <Show when={tryCommand(props.of)}>
        {(command) => (
          <section class="stack-tight">
            <h2>Use it</h2>
            <p class="muted">Paste the variables into a terminal. To try the credential there:</p>
            <CopyBlock text={command()} what="command to try it" />
          </section>
        )}
      </Show>
      <Facts
        of={[
          ['Issued by', props.of.lease.principalName],
          ['Purpose', props.of.lease.purpose],
          ['Valid until', <ExactMoment at={props.of.lease.expiresAt} />],
          ['If revoked', `${revocabilityWords(props.of.lease)} ${consequenceWords(props.of.lease)}`],
          ['Lease', <code>{props.of.lease.id}</code>],
        ]}
      />
    </div>
  )
}
