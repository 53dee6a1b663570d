import type { Raw, Wire } from '@gatehouse/contract'
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { SelectFilter, TextFilter } from '../../ui/filters.tsx'
import { given } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { scopeWords } from './scopes.ts'
import { tokenStanding } from './token-standing.ts'
import './programs.css'

type Token = Wire<'apiToken.get'>
type TokenOrder = NonNullable<Raw<'apiToken.list'>['sort']>

/** What an account can be expected to have; a search finds the rest. */
const tokensMax = 100
/** With fewer, searching takes longer than looking. */
const searchedFrom = 6
const orders: readonly (readonly [TokenOrder, string])[] = [
  ['expiry', 'expiring first'],
  ['name', 'by name'],
  ['oldest', 'oldest first'],
]

/** The tokens of a program: what each may, until when, when it was last used; never the token itself. */
export function TokenList(props: { account: string; blocked: string | null }): JSX.Element {
  const [revoking, setRevoking] = createSignal<Token | null>(null)
  const [search, setSearch] = createSignal('')
  const [sort, setSort] = createSignal<TokenOrder>('newest')
  const loaded = createLoaded('apiToken.list', () => ({
    first: tokensMax,
    serviceAccount: props.account,
    search: given(search()),
    sort: sort(),
  }))
  const many = createMemo<boolean>((before) => before || (loaded.data()?.items.length ?? 0) >= searchedFrom, false)
  return (
    <>
      <Show when={many()}>
        <div class="filters" role="search" aria-label="Filters">
          <TextFilter
            label="Search"
            class="filter-search"
            placeholder="name or purpose"
            value={search()}
            onText={setSearch}
          />
          <SelectFilter
            label="Sort"
            none="newest first"
            value={sort()}
            options={orders}
            onPick={(value) => setSort(orders.find(([order]) => order === value)?.[0] ?? 'newest')}
          />
        </div>
      </Show>
      <Answer of={loaded} lines={3}>
        {(page) => (
          <Show when={page().items.length > 0} fallback={<NoTokens searched={search() !== ''} />}>
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

function NoTokens(props: { searched: boolean }): JSX.Element {
  return (
    <p class="muted">
      {props.searched ? 'No tokens match this search.' : 'No tokens yet. The account needs one to call Gatehouse.'}
    </p>
  )
}

function boundWords({ bound, sourceAddresses }: Token): string {
  if (!bound) return 'not bound'
  return sourceAddresses.length > 0 ? `only from ${sourceAddresses.join(', ')}` : 'bound to a key'
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
        {boundWords(props.token)}
      </p>
    </li>
  )
}

/** Asks for a reason and takes a token back. */
export function RevokeToken(props: { token: Token; onDone: () => void; onClose: () => void }): JSX.Element {
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
