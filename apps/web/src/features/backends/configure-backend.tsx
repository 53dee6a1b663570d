import { useNavigate, useSearchParams } from '@solidjs/router'
import { Match, Show, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { ChoiceCards } from '../../ui/choice-cards.tsx'
import { CheckField, TextAreaField, TextField } from '../../ui/field.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import {
  configured,
  backendsAsked,
  kindChoices,
  kindIn,
  kindName,
  settingsFields,
  type Backend,
} from './backend-words.ts'

/** Adds a backend, or says anew how one is reached. */
export default function ConfigureBackend(): JSX.Element {
  const [params] = useSearchParams<{ of?: string }>()
  const loaded = createLoaded('secretBackend.list', () => (params.of === undefined ? null : backendsAsked))
  const known = (): Backend | undefined =>
    loaded.data()?.items.find(({ id, name }) => id === params.of || name === params.of)
  return (
    <Page
      title={params.of === undefined ? 'Add a backend' : `Change ${known()?.name ?? 'a backend'}`}
      lead="Gatehouse tests the connection before it saves. Secrets are encrypted and never shown again."
    >
      <Show when={params.of !== undefined} fallback={<ConfigureForm known={undefined} />}>
        <Answer of={loaded}>{() => <ConfigureForm known={known()} />}</Answer>
      </Show>
    </Page>
  )
}

function ConfigureForm(props: { known: Backend | undefined }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const navigate = useNavigate()
  const { tell } = useNotices()
  const form = createForm({
    name: 'secretBackend.configure',
    initial: { ...settingsFields, name: props.known?.name ?? '', kind: props.known?.kind ?? 'postgres', moved: '' },
    input: configured,
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (access.why('secretBackend.configure') !== null) return
    const backend = await form.send()
    if (backend === null) return
    tell(`${backend.name} can be used. Rotate its secret, so that nobody else knows it.`)
    navigate(`/access/backends/${backend.id}`)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <Show when={props.known} fallback={<KindAndName form={form} />}>
        {(backend) => (
          <>
            <p>
              {kindName(backend().kind)}, so far at <code>{backend().shown}</code>. Enter all settings again: saved
              secrets are never shown.
            </p>
            <CheckField
              label="This is another server with the credentials of the active leases, for example after an upgrade"
              checked={form.values()['moved'] === 'yes'}
              onCheck={(checked) => form.set('moved')(checked ? 'yes' : '')}
            />
          </>
        )}
      </Show>
      <SettingsFields form={form} />
      <FormActs verb="Test and save" blocked={access.why('secretBackend.configure')} busy={form.busy()} />
    </form>
  )
}

interface FieldsProps {
  readonly form: Form<Backend>
}

const textOf = ({ form }: FieldsProps, field: string) =>
  ({
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
    value: form.values()[field] ?? '',
    problem: form.problem(field),
    onText: form.set(field),
  }) as const

/** What nobody looking over a shoulder is to read. A password manager is to keep away from it. */
const secretOf = (props: FieldsProps, field: string) =>
  ({ ...textOf(props, field), type: 'password', autocomplete: 'new-password' }) as const

function KindAndName(props: FieldsProps): JSX.Element {
  return (
    <>
      <ChoiceCards
        legend="Kind"
        name="kind"
        choices={kindChoices}
        value={kindIn(props.form.values())}
        onPick={(kind) => props.form.set('kind')(kind)}
      />
      <TextField
        label="Name"
        hint="For example shop-db. Roles and leases are shown with it."
        {...textOf(props, 'name')}
      />
    </>
  )
}

function SettingsFields(props: FieldsProps): JSX.Element {
  const kind = () => kindIn(props.form.values())
  return (
    <Switch>
      <Match when={kind() === 'postgres'}>
        <TextField
          label="URL"
          hint="Such as postgresql://gatehouse:PASSWORD@db.example.org/shop, of a login that can create roles."
          {...secretOf(props, 'postgres.url')}
        />
        <AuthorityField form={props.form} field="postgres.authority" />
      </Match>
      <Match when={kind() === 'vault'}>
        <div class="form-columns">
          <TextField
            label="Address"
            hint="Such as https://vault.example.org:8200."
            {...textOf(props, 'vault.address')}
          />
          <TextField
            label="Mount"
            hint="Where the engine is mounted, such as database."
            {...textOf(props, 'vault.mount')}
          />
        </div>
        <TextField
          label="Token"
          hint="A periodic token for Gatehouse alone that can create others."
          {...secretOf(props, 'vault.token')}
        />
        <AuthorityField form={props.form} field="vault.authority" />
      </Match>
      <Match when={kind() === 'aws'}>
        <div class="form-columns">
          <TextField label="Region" hint="Such as eu-north-1." {...textOf(props, 'aws.region')} />
          <TextField
            label="Access key ID (optional)"
            hint="Empty: the role of this machine, or its web identity."
            {...textOf(props, 'aws.accessKeyId')}
          />
        </div>
        <TextField
          label="Secret access key (optional)"
          hint="Empty when there is no access key ID."
          {...secretOf(props, 'aws.secretAccessKey')}
        />
        <TextField
          label="Endpoint (optional)"
          hint="Only for services that are compatible with AWS."
          {...textOf(props, 'aws.endpoint')}
        />
      </Match>
      <Match when={kind() === 'upcloud'}>
        <div class="form-columns">
          <TextField
            label="User name"
            hint="The main account, with API connections allowed."
            {...textOf(props, 'upcloud.username')}
          />
          <TextField label="Password" hint="Of that account." {...secretOf(props, 'upcloud.password')} />
        </div>
      </Match>
    </Switch>
  )
}

function AuthorityField(props: FieldsProps & { field: keyof typeof settingsFields }): JSX.Element {
  return (
    <TextAreaField
      label="CA certificate (optional)"
      mono
      rows={3}
      hint="In PEM, if the server's certificate is signed by your own CA."
      {...textOf(props, props.field)}
    />
  )
}
