import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { KeySquare } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SearchFilter, SelectFilter, SortFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { scopeWords } from '../programs/scopes.ts'
import { RevokeToken } from '../programs/token-list.tsx'
import { tokenStanding } from '../programs/token-standing.ts'
import './me.css'

type Token = Wire<'apiToken.get'>
type TokenState = Token['state']

const filterNames = ['search', 'state'] as const
const states: readonly TokenState[] = ['active', 'revoked', 'expired']

const columns: readonly Column<Token>[] = [
  {
    title: 'Name',
    rank: 'main',
    cell: (token) => (
      <span class="row">
        {token.name}
        <code class="muted">{token.hint}…</code>
      </span>
    ),
  },
  { title: 'State', cell: (token) => <StateMark state={tokenStanding(token, Date.now())} /> },
  { title: 'Scopes', cell: (token) => token.scopes.map(scopeWords).join(', ') },
  {
    title: 'Allowed addresses',
    cell: (token) => (token.sourceAddresses.length === 0 ? 'anywhere' : token.sourceAddresses.join(', ')),
    rank: 'late',
  },
  { title: 'Purpose', cell: (token) => token.purpose, rank: 'late' },
  { title: 'Expires', cell: (token) => <Expiry of={token} /> },
  {
    title: 'Last used',
    cell: (token) => (
      <span>
        <Moment at={token.lastUsedAt} />
        <Show when={token.lastUsedAddress}>
          <span class="muted"> from {token.lastUsedAddress}</span>
        </Show>
      </span>
    ),
  },
]

function Expiry(props: { of: Token }): JSX.Element {
  return (
    <Show when={props.of.state !== 'active'} fallback={<Moment at={props.of.expiresAt} />}>
      <span class="muted">
        ended <Moment at={props.of.endedAt ?? props.of.expiresAt} />
      </span>
    </Show>
  )
}

function CreateAct(): JSX.Element {
  const access = useAccess()
  return (
    <Acts
      of={[{ label: 'Create a token', look: 'primary', href: '/me/new-token', blocked: access.why('apiToken.create') }]}
    />
  )
}

/** API tokens of the person's own: for scripts that read. */
export default function MyTokens(): JSX.Element {
  const filters = createFilters()
  const [revoking, setRevoking] = createSignal<Token | null>(null)
  const loaded = createLoaded(
    'apiToken.list',
    () => pageAsked(filters, [...filterNames, 'sort']) as Raw<'apiToken.list'>,
  )
  return (
    <Page
      title="API tokens"
      lead={
        'Tokens for your own scripts. They have your read access only. Use a service account for ' +
        'scripts that make changes.'
      }
      actions={<CreateAct />}
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SearchFilter filters={filters} placeholder="name or purpose" />
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={states.map((one) => [one, one] as const)}
          onPick={(value) => filters.set('state', value)}
        />
        <SortFilter filters={filters} orders={['expiry', 'name', 'oldest']} />
      </FilterBar>
      <ListAnswer
        of={loaded}
        label="API tokens"
        columns={columns}
        key={({ id }) => id}
        empty={<NoTokens filtered={filters.any(filterNames)} />}
        actions={(token) => (
          <Show when={token.state === 'active'}>
            <Button class="button-small" onClick={() => setRevoking(token)} aria-label={`Revoke ${token.name}`}>
              Revoke
            </Button>
          </Show>
        )}
      />
      <Show keyed when={revoking()}>
        {(token) => <RevokeToken token={token} onDone={() => void loaded.reload()} onClose={() => setRevoking(null)} />}
      </Show>
    </Page>
  )
}

function NoTokens(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No tokens match these filters" />}>
      <Empty
        title="No tokens yet"
        icon={<KeySquare />}
        action={<CreateAct />}
        command="npx --no-install gatehouse api-token create NAME --scopes read --purpose …"
      >
        A token lets your script call Gatehouse without a log-in. It has limited scopes and expires.
      </Empty>
    </Show>
  )
}
