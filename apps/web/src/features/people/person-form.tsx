import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createForm, given, givenList } from '../../ui/form.ts'
import { Problem } from '../answer/answer.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { roleOptions } from './roles.ts'

type Way = 'user.create' | 'user.invite'

/** What stands in the form at first. */
export type PersonTexts = Readonly<Record<'username' | 'displayName' | 'email' | 'role' | 'teams', string>>

const blank: PersonTexts = { username: '', displayName: '', email: '', role: 'Viewer', teams: '' }

/** Both ways in ask for the same. */
const inputOf = (values: Readonly<Record<string, string>>): Raw<'user.create'> & Raw<'user.invite'> => ({
  username: values['username'] ?? '',
  displayName: given(values['displayName']),
  email: given(values['email']),
  teams: givenList(values['teams']),
  role: roleOptions.find(([role]) => role === values['role'])?.[0] ?? 'Viewer',
})

/** A new person: name, role, teams; by a one-time password or by an invitation. */
export function PersonForm<N extends Way>(props: {
  name: N
  verb: string
  emailHint: string
  initial?: PersonTexts
  onDone: (answer: Wire<N>) => void
}): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const form = createForm<N>({
    name: props.name,
    initial: props.initial ?? blank,
    input: (values) => inputOf(values) as Raw<N>,
    call: session.act,
  }) // either way's input is this one's type
  const why = (): string | null => access.why(props.name)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (why() !== null) return
    const answer = await form.send()
    if (answer !== null) props.onDone(answer)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="form-columns">
        <TextField
          label="User name"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={form.values()['username']}
          problem={form.problem('username')}
          onText={form.set('username')}
        />
        <TextField
          label="Name (optional)"
          autocomplete="off"
          value={form.values()['displayName']}
          problem={form.problem('displayName')}
          onText={form.set('displayName')}
        />
        <TextField
          label="Email (optional)"
          type="email"
          hint={props.emailHint}
          autocomplete="off"
          value={form.values()['email']}
          problem={form.problem('email')}
          onText={form.set('email')}
        />
      </div>
      <div class="form-columns">
        <SelectField
          label="Role"
          value={form.values()['role'] ?? 'Viewer'}
          options={roleOptions}
          problem={form.problem('role')}
          onText={form.set('role')}
        />
        <TextField
          label="Teams (optional)"
          hint="Names, comma-separated."
          autocomplete="off"
          value={form.values()['teams']}
          problem={form.problem('teams')}
          onText={form.set('teams')}
        />
      </div>
      <FormActs verb={props.verb} blocked={why()} busy={form.busy()} />
    </form>
  )
}
