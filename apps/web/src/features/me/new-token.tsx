import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { createForm, givenList } from '../../ui/form.ts'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { TokenFields } from '../programs/token-fields.tsx'

const day = 86_400
const lives = [
  [String(7 * day), '7 days'],
  [String(30 * day), '30 days'],
  [String(90 * day), '90 days'],
  [String(180 * day), '180 days'],
  [String(365 * day), 'a year'],
] as const

/** Makes an API token of the person's own; it is shown once. */
export default function NewMyToken(): JSX.Element {
  const [made, setMade] = createSignal<Wire<'apiToken.create'> | null>(null)
  return (
    <Page
      title={made() === null ? 'Create a token' : 'Your token'}
      lead={made() === null ? 'For your own read-only scripts. A token has scopes and an expiry.' : undefined}
    >
      <Show when={made()} fallback={<TokenForm onMade={setMade} />}>
        {(token) => <Made token={token()} />}
      </Show>
    </Page>
  )
}

function TokenForm(props: { onMade: (token: Wire<'apiToken.create'>) => void }): JSX.Element {
  const session = useSession()
  const form = createForm({
    name: 'apiToken.create',
    initial: { name: '', purpose: '', scopes: 'read', ttlSeconds: String(30 * day), sourceAddresses: '' },
    call: session.act,
    input: (values): Raw<'apiToken.create'> => ({
      name: (values['name'] ?? '').trim(),
      purpose: (values['purpose'] ?? '').trim(),
      scopes: givenList(values['scopes']) ?? [],
      ttlSeconds: Number(values['ttlSeconds']),
      sourceAddresses: givenList(values['sourceAddresses']),
    }),
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const token = await form.send()
    if (token !== null) props.onMade(token)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <TokenFields
        form={form}
        lives={lives}
        addressesHint="IP addresses or CIDR ranges from which the token works, comma-separated."
      />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()}>
          Create token
        </Button>
        <LinkButton href="/me/tokens">Back</LinkButton>
      </div>
    </form>
  )
}

function Made(props: { token: Wire<'apiToken.create'> }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  guardUntaken('token', taken)
  return (
    <div class="card stack narrow">
      <h2>{props.token.name} created</h2>
      <Note tone="warn" icon={<ShieldAlert />} title="The token is shown only once.">
        Gatehouse stores only its hash. Keep it in a file that only your script can read, not in source code.
      </Note>
      <SecretBlock secret={props.token.token} what="token" onTaken={() => setTaken(true)} />
      <p class="muted">
        It expires <Moment at={props.token.expiresAt} />.
      </p>
      <CopyBlock
        text="GATEHOUSE_TOKEN_FILE=~/.gatehouse-token npx --no-install gatehouse auth whoami"
        what="command to try it"
      />
      <div class="form-actions">
        <LinkButton href="/me/tokens">View your tokens</LinkButton>
      </div>
    </div>
  )
}
