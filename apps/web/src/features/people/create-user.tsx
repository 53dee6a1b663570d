import { useNavigate } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import ShieldAlert from 'lucide-solid/icons/shield-alert'
import { createSignal, Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createForm, given, givenList } from '../../ui/form.ts'
import { Page } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { roleOptions } from './roles.ts'

const initial = { username: '', displayName: '', email: '', role: 'Viewer', teams: '' } as const

const inputOf = (values: Readonly<Record<string, string>>): Raw<'user.create'> => ({
  username: values['username'] ?? '', displayName: given(values['displayName']), email: given(values['email']), teams: givenList(values['teams']),
  role: roleOptions.find(([role]) => role === values['role'])?.[0] ?? 'Viewer',
})

/** Creates a person with a role and a one-time password, shown once. */
export default function CreateUser(): JSX.Element {
  const [created, setCreated] = createSignal<Wire<'user.create'> | null>(null)
  return (
    <Page title="Create a user" lead="They get a one-time password, choose their own at first log-in, and add a second factor.">
      <Show when={created()} fallback={<CreateForm onCreated={setCreated} />}>{(user) => <Created user={user()} />}</Show>
    </Page>
  )
}

function CreateForm(props: { onCreated: (user: Wire<'user.create'>) => void }): JSX.Element {
  const session = useSession()
  const navigate = useNavigate()
  const form = createForm({ name: 'user.create', initial, input: inputOf, call: session.act })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const user = await form.send()
    if (user !== null) props.onCreated(user)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="form-columns">
        <TextField label="User name" autocomplete="off" autocapitalize="none" spellcheck={false} value={form.values()['username']} problem={form.problem('username')} onText={form.set('username')} />
        <TextField label="Name (optional)" autocomplete="off" value={form.values()['displayName']} problem={form.problem('displayName')} onText={form.set('displayName')} />
        <TextField label="E-mail (optional)" type="email" autocomplete="off" value={form.values()['email']} problem={form.problem('email')} onText={form.set('email')} />
      </div>
      <div class="form-columns">
        <SelectField label="Role" value={form.values()['role'] ?? 'Viewer'} options={roleOptions} problem={form.problem('role')} onText={form.set('role')} />
        <TextField label="Teams (optional)" hint="Names, comma-separated." autocomplete="off" value={form.values()['teams']} problem={form.problem('teams')} onText={form.set('teams')} />
      </div>
      <div class="form-actions"><Button type="submit" look="primary" busy={form.busy()}>Create</Button><Button onClick={() => navigate(-1)}>Back</Button></div>
    </form>
  )
}

function Created(props: { user: Wire<'user.create'> }): JSX.Element {
  return (
    <div class="card stack narrow">
      <h2>{props.user.username} may log in now</h2>
      <Note tone="warn" icon={<ShieldAlert />} title="The one-time password is shown this once.">Give it to them in person or by a channel you trust. It works for one log-in, at which they choose their own.</Note>
      <SecretBlock secret={props.user.oneTimePassword} what="one-time password" onTaken={() => undefined} />
      <div class="form-actions"><LinkButton href={`/people/users/${props.user.id}`}>To {props.user.username}</LinkButton></div>
    </div>
  )
}
