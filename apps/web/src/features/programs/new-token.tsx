import { useSearchParams } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField } from '../../ui/field.tsx'
import { createForm, givenList } from '../../ui/form.ts'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { TokenFields } from './token-fields.tsx'

const day = 86_400
const lives = [
  [String(7 * day), '7 days'],
  [String(30 * day), '30 days'],
  [String(90 * day), '90 days'],
  [String(180 * day), '180 days'],
  [String(365 * day), 'a year'],
] as const

const initial = { name: '', purpose: '', scopes: '', ttlSeconds: String(90 * day), sourceAddresses: '' } as const

/** Makes a token for a program; it is shown once. */
export default function NewToken(): JSX.Element {
  const [params] = useSearchParams<{ account?: string }>()
  const account = (): string => params.account ?? ''
  const [made, setMade] = createSignal<Wire<'apiToken.create'> | null>(null)
  return (
    <Page
      title={account() === '' ? 'Create a token' : `Create a token for ${account()}`}
      lead="A token has scopes, allowed addresses and an expiry."
    >
      <Show when={made()} fallback={<TokenForm account={account()} onMade={setMade} />}>
        {(token) => <Made token={token()} account={account()} />}
      </Show>
    </Page>
  )
}

function TokenForm(props: { account: string; onMade: (token: Wire<'apiToken.create'>) => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [params, setParams] = useSearchParams<{ account?: string }>()
  const accounts = createLoaded('serviceAccount.list', () => ({ first: 200, status: 'active' as const }))
  const form = createForm({
    name: 'apiToken.create',
    initial,
    call: session.act,
    input: (values): Raw<'apiToken.create'> => ({
      name: values['name'] ?? '',
      purpose: values['purpose'] ?? '',
      scopes: givenList(values['scopes']) ?? [],
      ttlSeconds: Number(values['ttlSeconds']),
      sourceAddresses: givenList(values['sourceAddresses']),
      serviceAccount: props.account,
    }),
  })
  const why = (): string | null =>
    access.why('apiToken.create') ?? (props.account === '' ? 'Choose a service account first.' : null)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (why() !== null) return
    const token = await form.send()
    if (token !== null) props.onMade(token)
  }
  const options = (): readonly (readonly [string, string])[] => [
    ['', 'choose …'] as const,
    ...(accounts.data()?.items ?? []).map(({ name }) => [name, name] as const),
  ]
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <SelectField
        label="Service account"
        value={params.account ?? ''}
        options={options()}
        onText={(account) => setParams({ account: account || null }, { replace: true })}
      />
      <TokenFields
        form={form}
        lives={lives}
        addressesHint={
          'IP addresses or CIDR ranges, comma-separated. Without them the token works from anywhere and ' +
          'has read-only access.'
        }
      />
      <FormActs verb="Create token" blocked={why()} busy={form.busy()} />
    </form>
  )
}

function Made(props: { token: Wire<'apiToken.create'>; account: string }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  guardUntaken('token', taken)
  return (
    <div class="card stack narrow">
      <h2>{props.token.name} created</h2>
      <Note tone="warn" icon={<ShieldAlert />} title="The token is shown only once.">
        Gatehouse stores only its hash. Keep it in a secret store, not in source code.
      </Note>
      <SecretBlock secret={props.token.token} what="token" onTaken={() => setTaken(true)} />
      <p class="muted">
        It expires <Moment at={props.token.expiresAt} />.
      </p>
      <CopyBlock
        text="GATEHOUSE_TOKEN_FILE=/run/secrets/gatehouse npx --no-install gatehouse auth whoami"
        what="command to try it"
      />
      <div class="form-actions">
        <LinkButton href={`/programs/accounts/${props.token.owner}`}>View {props.account}</LinkButton>
      </div>
    </div>
  )
}
