import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createForm, given, givenList, type Form } from '../../ui/form.ts'
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
      <PersonFields form={form} emailHint={props.emailHint} />
      <FormActs verb={props.verb} blocked={why()} busy={form.busy()} />
    </form>
  )
}

function PersonFields(props: { form: Form<unknown>; emailHint: string }): JSX.Element {
  return (
    <>
      <Show when={props.form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="form-columns">
        <TextField
          label="User name"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={props.form.values()['username']}
          problem={props.form.problem('username')}
          onText={props.form.set('username')}
        />
        <TextField
          label="Name (optional)"
          autocomplete="off"
          value={props.form.values()['displayName']}
          problem={props.form.problem('displayName')}
          onText={props.form.set('displayName')}
        />
        <TextField
          label="Email (optional)"
          type="email"
          hint={props.emailHint}
          autocomplete="off"
          value={props.form.values()['email']}
          problem={props.form.problem('email')}
          onText={props.form.set('email')}
        />
      </div>
      <div class="form-columns">
        <SelectField
          label="Role"
          value={props.form.values()['role'] ?? 'Viewer'}
          options={roleOptions}
          problem={props.form.problem('role')}
          onText={props.form.set('role')}
        />
        <TextField
          label="Teams (optional)"
          hint="Names, comma-separated."
          autocomplete="off"
          value={props.form.values()['teams']}
          problem={props.form.problem('teams')}
          onText={props.form.set('teams')}
        />
      </div>
    </>
  )
}
