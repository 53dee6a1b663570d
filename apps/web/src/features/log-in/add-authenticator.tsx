import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Match, Show, Switch, type Component, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { FingerprintPattern as Fingerprint, Smartphone, Usb } from '../../generated/icons.tsx'
import { keysSupported } from './ceremonies.ts'
import { EnrolKey } from './enrol-key.tsx'
import { createTotpDraft, EnrolTotp } from './enrol-totp.tsx'
import './add-authenticator.css'

/** What can be added. */
type Kind = 'totp' | 'passkey' | 'securityKey'

const kinds: readonly {
  readonly kind: Kind
  readonly title: string
  readonly text: string
  readonly icon: Component<{ 'aria-hidden'?: 'true' }>
}[] = [
  {
    kind: 'passkey',
    title: 'Passkey',
    text:
      'Use the fingerprint, face or screen lock of this device or your phone. Replaces your password ' +
      'and resists phishing.',
    icon: Fingerprint,
  },
  {
    kind: 'securityKey',
    title: 'Security key',
    text: 'A hardware key that you plug in or tap. Used with your password; resists phishing.',
    icon: Usb,
  },
  {
    kind: 'totp',
    title: 'Authenticator app',
    text: 'A six-digit code from an app on your phone. Works everywhere, including in a terminal.',
    icon: Smartphone,
  },
]

type Authenticator = Wire<'totp.confirm'>

/** Adds an authenticator: which kind, then the steps of that kind. Going back loses nothing that was typed. */
export function AddAuthenticator(props: { onDone: (added: Authenticator) => void }): JSX.Element {
  const [kind, setKind] = createSignal<Kind | null>(null)
  const totp = createTotpDraft()
  const [keyName, setKeyName] = createSignal('')
  return (
    <Switch fallback={<Kinds onPick={setKind} />}>
      <Match when={kind() === 'totp'}>
        <EnrolTotp draft={totp} onDone={props.onDone} onBack={() => setKind(null)} />
      </Match>
      <Match when={kind() === 'passkey'}>
        <EnrolKey
          kind="passkey"
          name={keyName()}
          onName={setKeyName}
          onDone={props.onDone}
          onBack={() => setKind(null)}
        />
      </Match>
      <Match when={kind() === 'securityKey'}>
        <EnrolKey
          kind="securityKey"
          name={keyName()}
          onName={setKeyName}
          onDone={props.onDone}
          onBack={() => setKind(null)}
        />
      </Match>
    </Switch>
  )
}

function Kinds(props: { onPick: (kind: Kind) => void }): JSX.Element {
  const offered = (): typeof kinds => kinds.filter(({ kind }) => kind === 'totp' || keysSupported())
  return (
    <>
      <Show when={!keysSupported()}>
        <p class="muted">This browser does not support passkeys and security keys.</p>
      </Show>
      <ul class="authenticator-kinds">
        <For each={offered()}>
          {({ kind, title, text, icon }) => (
            <li>
              <button type="button" class="authenticator-kind" onClick={() => props.onPick(kind)}>
                <Dynamic component={icon} aria-hidden="true" />
                <span>
                  <strong>{title}</strong>
                  <span class="muted authenticator-kind-text">{text}</span>
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </>
  )
}
