import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { scopeWords } from './scopes.ts'
import { tokenStanding } from './token-standing.ts'
import './programs.css'

type Token = Wire<'apiToken.get'>

/** The tokens of a program: what each may, until when, when it was last used; never the token itself. */
export function TokenList(props: { account: string; blocked: string | null }): JSX.Element {
  const [revoking, setRevoking] = createSignal<Token | null>(null)
  const loaded = createLoaded('apiToken.list', () => ({ first: 100, serviceAccount: props.account }))
  return (
    <>
      <Answer of={loaded} lines={3}>
        {(page) => (
          <Show
            when={page().items.length > 0}
            fallback={<p class="muted">No tokens yet. The account needs one to call Gatehouse.</p>}
          >
            <ul aria-label={`Tokens of ${props.account}`}>
              <For each={page().items}>
                {(token) => <TokenItem token={token} blocked={props.blocked} onRevoke={() => setRevoking(token)} />}
              </For>
            </ul>
          </Show>
        )}
      </Answer>
      <Show keyed when={revoking()}>
        {(token) => <RevokeToken token={token} onDone={() => void loaded.reload()} onClose={() => setRevoking(null)} />}
      </Show>
    </>
  )
}

function TokenItem(props: { token: Token; blocked: string | null; onRevoke: () => void }): JSX.Element {
  return (
    <li class="token">
      <div class="token-head">
        <span class="row">
          <span class="token-name">{props.token.name}</span>
          <StateMark state={tokenStanding(props.token, Date.now())} />
        </span>
        <Show when={props.token.state === 'active' && props.blocked === null}>
          <Button class="button-small" onClick={() => props.onRevoke()} aria-label={`Revoke ${props.token.name}`}>
            Revoke
          </Button>
        </Show>
      </div>
      <p>
        <code>{props.token.hint}…</code> · {props.token.scopes.map(scopeWords).join(', ')}
      </p>
      <p class="muted">{props.token.purpose}</p>
      <p class="muted">
        <Show
          when={props.token.state === 'active'}
          fallback={
            <>
              ended <Moment at={props.token.endedAt ?? props.token.expiresAt} />
              {props.token.reason === null ? '' : ` · ${props.token.reason}`}
            </>
          }
        >
          expires <Moment at={props.token.expiresAt} />
        </Show>
        {' · '}last used <Moment at={props.token.lastUsedAt} />
        {props.token.lastUsedAddress === null ? '' : ` from ${props.token.lastUsedAddress}`}
        {' · '}
        {props.token.bound
          ? props.token.sourceAddresses.length > 0
            ? `only from ${props.token.sourceAddresses.join(', ')}`
            : 'bound to a key'
          : 'not bound'}
      </p>
    </li>
  )
}

function RevokeToken(props: { token: Token; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="apiToken.revoke"
      title={`Revoke ${props.token.name}?`}
      verb="Revoke"
      look="danger"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.token.id, reason })}
      onClose={props.onClose}
      onDone={() => props.onDone()}
      done={(token) => `${token.name} revoked.`}
    >
      <p>
        The token <code>{props.token.hint}…</code> of {props.token.ownerName} stops working now. Everything that uses it
        will fail.
      </p>
    </ActDialog>
  )
}
