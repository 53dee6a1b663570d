import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { Page } from '../../ui/page.tsx'
import { PersonForm } from './person-form.tsx'

/** Creates a person with a role and a one-time password, shown once. */
export default function CreateUser(): JSX.Element {
  const [created, setCreated] = createSignal<Wire<'user.create'> | null>(null)
  return (
    <Page
      title="Create a user"
      lead="They get a one-time password, choose their own at first log-in and add a second factor."
    >
      <Show
        when={created()}
        fallback={
          <PersonForm
            name="user.create"
            verb="Create"
            emailHint="For notifications about their account."
            onDone={setCreated}
          />
        }
      >
        {(user) => <Created user={user()} />}
      </Show>
    </Page>
  )
}

function Created(props: { user: Wire<'user.create'> }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  guardUntaken('one-time password', taken)
  return (
    <div class="card stack narrow">
      <h2>{props.user.username} created</h2>
      <Note tone="warn" icon={<ShieldAlert />} title="The one-time password is shown only once.">
        Give it to them in person or through a channel you trust. It works for one log-in, at which they choose their
        own password.
      </Note>
      <SecretBlock secret={props.user.oneTimePassword} what="one-time password" onTaken={() => setTaken(true)} />
      <div class="form-actions">
        <LinkButton href={`/people/users/${props.user.id}`}>View {props.user.username}</LinkButton>
      </div>
    </div>
  )
}
