import { deviceWords } from '@gatehouse/kit'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Moment } from '../../ui/moment.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'

type User = Wire<'user.get'>
type PersonSession = Wire<'session.list'>['items'][number]

/**
 * A person's live sessions. Asked for only when wanted: to look at another's is a matter of record, and wants a fresh
 * factor.
 */
export function UserSessions(props: { user: User; blocked: string | null }): JSX.Element {
  const [wanted, setWanted] = createSignal(false)
  const [ending, setEnding] = createSignal<PersonSession | null>(null)
  const loaded = createLoaded('session.list', () => (wanted() ? { first: 50, user: props.user.id } : null))
  return (
    <div class="stack-tight">
      <div>
        <Button class="button-small" aria-expanded={wanted()} onClick={() => setWanted((shown) => !shown)}>
          {wanted() ? 'Hide sessions' : 'Show sessions'}
        </Button>
      </div>
      <Show when={wanted()}>
        <Answer of={loaded} lines={2}>
          {(page) => (
            <Show when={page().items.length > 0} fallback={<p class="muted">Not logged in anywhere.</p>}>
              <ul class="items" aria-label={`Sessions of ${props.user.username}`}>
                <For each={page().items}>
                  {(one) => (
                    <li class="item">
                      <div class="item-text">
                        <span title={one.device}>{deviceWords(one.device)}</span>
                        <p class="muted">
                          {one.address} · {one.methods.join(' + ')} · <Moment at={one.lastUsedAt} />
                        </p>
                      </div>
                      <Show when={props.blocked === null}>
                        <Button
                          class="button-small"
                          onClick={() => setEnding(one)}
                          aria-label={`End the session on ${deviceWords(one.device)}`}
                        >
                          End
                        </Button>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Answer>
      </Show>
      <Show keyed when={ending()}>
        {(one) => (
          <ActDialog
            name="session.revoke"
            title="End this session?"
            verb="End session"
            look="danger"
            initial={{ reason: '' }}
            input={({ reason = '' }) => ({ id: one.id, reason })}
            onClose={() => setEnding(null)}
            onDone={() => void loaded.reload()}
            done={() => `Session of ${props.user.username} ended.`}
          >
            <p>
              The session of {props.user.username} on {deviceWords(one.device)} ({one.address}) ends now and its tokens
              stop working.
            </p>
          </ActDialog>
        )}
      </Show>
    </div>
  )
}

const kindWords = { totp: 'authenticator app', webauthn: 'security key or passkey' } as const

/** A person's authenticators, to look at: nobody changes another's but by a reset of two people. */
export function UserAuthenticators(props: { user: User }): JSX.Element {
  const [wanted, setWanted] = createSignal(false)
  const loaded = createLoaded('authenticator.list', () => (wanted() ? { first: 50, user: props.user.id } : null))
  return (
    <div class="stack-tight">
      <div>
        <Button class="button-small" aria-expanded={wanted()} onClick={() => setWanted((shown) => !shown)}>
          {wanted() ? 'Hide authenticators' : 'Show authenticators'}
        </Button>
      </div>
      <Show when={wanted()}>
        <Answer of={loaded} lines={2}>
          {(page) => (
            <Show
              when={page().items.length > 0}
              fallback={<p class="muted">No authenticators. Only a password protects this account.</p>}
            >
              <ul class="items" aria-label={`Authenticators of ${props.user.username}`}>
                <For each={page().items}>
                  {(one) => (
                    <li class="item">
                      <div class="item-text">
                        {one.name}
                        <p class="muted">
                          {one.webauthn?.model ?? kindWords[one.kind]} ·{' '}
                          {one.confirmed ? 'active' : 'setup not finished'} · last used <Moment at={one.lastUsedAt} />
                        </p>
                      </div>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Answer>
      </Show>
    </div>
  )
}
