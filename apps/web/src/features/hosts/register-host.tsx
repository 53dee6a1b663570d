import { useNavigate } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { createForm, given, givenList, type Form } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Page } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { accessOptions } from './host-words.ts'

const initial = {
  name: '',
  address: '',
  port: '22',
  user: '',
  access: 'ca',
  principals: '',
  sourceAddresses: '',
  otpAddresses: '',
  authorizedKeysPath: '',
  hostKey: '',
} as const

function inputOf(values: Readonly<Record<string, string>>): Raw<'sshHost.register'> {
  return {
    name: values['name'] ?? '',
    address: values['address'] ?? '',
    port: Number(values['port']),
    user: values['user'] ?? '',
    access: values['access'] === 'managementKey' ? 'managementKey' : 'ca',
    principals: givenList(values['principals']),
    sourceAddresses: givenList(values['sourceAddresses']),
    otpAddresses: givenList(values['otpAddresses']),
    authorizedKeysPath: given(values['authorizedKeysPath']),
    hostKey: given(values['hostKey']),
  }
}

/** Registers a host: its address, its pinned key, and how Gatehouse gets in. */
export default function RegisterHost(): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const navigate = useNavigate()
  const { tell } = useNotices()
  const form = createForm({ name: 'sshHost.register', initial, input: inputOf, call: session.act })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (access.why('sshHost.register') !== null) return
    const host = await form.send()
    if (host === null) return
    tell(`${host.name} registered.`)
    navigate(`/access/hosts/${host.id}`)
  }
  return (
    <Page
      title="Register a host"
      lead={
        'Gatehouse fetches the host key and pins it. Compare its fingerprint on the machine, or paste ' +
        'the key yourself. Register first, then set up the host.'
      }
    >
      <form class="card form narrow" onSubmit={(event) => void submit(event)}>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <HostFields form={form} />
        <FormActs verb="Register" blocked={access.why('sshHost.register')} busy={form.busy()} />
      </form>
      <p class="muted narrow">
        After registration, the page of the host shows the setup command. Gatehouse signs certificates once it has seen
        the pinned key at this address.
      </p>
    </Page>
  )
}

function HostFields(props: { form: Form<unknown> }): JSX.Element {
  const text = (
    field: string,
  ): {
    value: string
    problem: string | undefined
    onText: (text: string) => void
    autocomplete: string
    spellcheck: boolean
  } => ({
    value: props.form.values()[field] ?? '',
    problem: props.form.problem(field),
    onText: props.form.set(field),
    autocomplete: 'off',
    spellcheck: false,
  })
  return (
    <>
      <TextField label="Name" hint="For example db-1." {...text('name')} />
      <div class="form-columns">
        <TextField label="Address" hint="Host name or IP address." {...text('address')} />
        <TextField label="Port" inputmode="numeric" {...text('port')} />
        <TextField label="Account" hint="Where people log in, such as deploy." {...text('user')} />
      </div>
      <SelectField
        label="Access by"
        value={props.form.values()['access'] ?? 'ca'}
        options={accessOptions}
        onText={props.form.set('access')}
        problem={props.form.problem('access')}
      />
      <TextField
        label="Keys file (optional)"
        hint={
          "Where Gatehouse writes keys. Default: the account's ~/.ssh/authorized_keys. A separate " +
          'AuthorizedKeysFile is safest.'
        }
        {...text('authorizedKeysPath')}
      />
      <div class="form-columns">
        <TextField
          label="Accounts for certificates (optional)"
          hint="Accounts that certificates may be issued for. Default: the account above. Comma-separated."
          {...text('principals')}
        />
        <TextField
          label="Allowed sources (optional)"
          hint="Addresses from which credentials work. Default: your current address. Comma-separated."
          {...text('sourceAddresses')}
        />
      </div>
      <TextField
        label="One-time passwords are checked from (optional)"
        hint="Addresses of the host itself, comma-separated. Empty: it accepts no one-time passwords."
        {...text('otpAddresses')}
      />
      <TextAreaField
        label="Host key (optional)"
        mono
        rows={2}
        hint="One line of /etc/ssh/ssh_host_ed25519_key.pub. If empty, the key that the host presents now is pinned."
        value={props.form.values()['hostKey'] ?? ''}
        onText={props.form.set('hostKey')}
        problem={props.form.problem('hostKey')}
      />
    </>
  )
}
