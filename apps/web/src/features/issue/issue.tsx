import { useSearchParams } from '@solidjs/router'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { Page } from '../../ui/page.tsx'
import { HostForms } from './host-forms.tsx'
import { IssuedCertificate } from './issued-certificate.tsx'
import { IssuedKey } from './issued-key.tsx'
import { IssuedMaterial } from './issued-material.tsx'
import { IssuedPassword } from './issued-password.tsx'
import { IssuedWrapped } from './issued-wrapped.tsx'
import { wrappedOf, type Issued, type KeptPurpose } from './issued.ts'
import { RoleForm } from './role-form.tsx'
import type { SshKind } from './terms-words.ts'
import './issue.css'

/** Issues a credential for a host or of a role, for a purpose and a time. */
export default function Issue(): JSX.Element {
  const [issued, setIssued] = createSignal<Issued | null>(null)
  return (
    <Page
      title={issued() === null ? 'Issue a credential' : 'Your credential'}
      lead={issued() === null ? 'For one purpose and a limited time. It is shown once.' : undefined}
    >
      <Show when={issued()} fallback={<Wizard onIssued={setIssued} />}>
        {(made) => <Made issued={made()} onAgain={() => setIssued(null)} />}
      </Show>
    </Page>
  )
}

/** What was issued, by its kind: shown once, with the way to use it. */
function Made(props: { issued: Issued; onAgain: () => void }): JSX.Element {
  const of = <K extends Issued['kind']>(kind: K): Extract<Issued, { kind: K }> | undefined =>
    // the line asks for this kind
    props.issued.kind === kind ? (props.issued as Extract<Issued, { kind: K }>) : undefined
  return (
    <Switch>
      <Match when={of('key')}>
        {(found) => <IssuedKey host={found().host} issued={found().answer} onAgain={props.onAgain} />}
      </Match>
      <Match when={of('certificate')}>
        {(found) => <IssuedCertificate host={found().host} issued={found().answer} onAgain={props.onAgain} />}
      </Match>
      <Match when={of('otp')}>{(found) => <IssuedPassword issued={found().answer} onAgain={props.onAgain} />}</Match>
      <Match when={of('role')}>
        {(found) => (
          <Show
            when={wrappedOf(found().answer)}
            fallback={<IssuedMaterial role={found().role} issued={found().answer} onAgain={props.onAgain} />}
          >
            {(wrapped) => <IssuedWrapped role={found().role} issued={wrapped()} onAgain={props.onAgain} />}
          </Show>
        )}
      </Match>
    </Switch>
  )
}

type Kind = SshKind | 'role'

const kinds: readonly (readonly [Kind, string, string])[] = [
  [
    'key',
    'Generate a key',
    'Gatehouse creates a key pair, shows the private key once and puts the public key on the host until it expires.',
  ],
  ['certificate', 'Sign my public key', 'Get a certificate for your own key. The host must trust the Gatehouse CA.'],
  [
    'otp',
    'One-time password for SSH',
    'Get a password for one log-in, for hosts that take neither keys nor certificates.',
  ],
  [
    'role',
    'Database, cloud or Vault',
    'Get a login, session or token of a role: an account of its own that is removed afterwards.',
  ],
]

function Wizard(props: { onIssued: (issued: Issued) => void }): JSX.Element {
  const [params, setParams] = useSearchParams<{ kind?: string; role?: string }>()
  const [text, keep] = createSignal('')
  const purpose: KeptPurpose = { text, keep }
  const kind = (): Kind => {
    const [found] = kinds.find(([value]) => value === params.kind) ?? []
    return found ?? (params.role === undefined ? 'key' : 'role')
  }
  const sshKind = (): SshKind | undefined => {
    const now = kind()
    return now === 'role' ? undefined : now
  }
  return (
    <div class="card stack narrow">
      <ChoiceCards
        legend="Credential type"
        name="kind"
        choices={kinds}
        value={kind()}
        onPick={(value) => setParams({ kind: value }, { replace: true })}
      />
      <Show when={sshKind()} fallback={<RoleForm purpose={purpose} onIssued={props.onIssued} />}>
        {(ssh) => <HostForms kind={ssh()} purpose={purpose} onIssued={props.onIssued} />}
      </Show>
    </div>
  )
}
