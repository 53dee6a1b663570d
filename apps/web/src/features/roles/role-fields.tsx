import { Match, Switch, type JSX } from 'solid-js'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import type { Form } from '../../ui/form.ts'
import type { BackendKind } from '../backends/backend-words.ts'
import { ttlOptions } from './role-draft.ts'

interface RoleFieldsProps {
  readonly form: Form<unknown>
  readonly kind: BackendKind
}

const textOf = ({ form }: RoleFieldsProps, field: string) =>
  ({
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
    value: form.values()[field] ?? '',
    problem: form.problem(field),
    onText: form.set(field),
  }) as const

/** What may be asked for: the rights, how long, how many. */
export function RoleFields(props: RoleFieldsProps): JSX.Element {
  return (
    <>
      <KindFields {...props} />
      <SelectField
        label="Longest lifetime"
        hint="Whoever asks can choose a shorter one."
        value={props.form.values()['ttlSecondsMax'] ?? ''}
        options={ttlOptions(Number(props.form.values()['ttlSecondsMax']))}
        problem={props.form.problem('ttlSecondsMax')}
        onText={props.form.set('ttlSecondsMax')}
      />
      <div class="form-columns">
        <TextField
          label="Active at once (optional)"
          hint="Empty: any number."
          inputmode="numeric"
          {...textOf(props, 'leasesMax')}
        />
        <TextField
          label="Active at once for each owner (optional)"
          hint="Empty: any number."
          inputmode="numeric"
          {...textOf(props, 'leasesEachMax')}
        />
      </div>
    </>
  )
}

function KindFields(props: RoleFieldsProps): JSX.Element {
  return (
    <Switch>
      <Match when={props.kind === 'postgres'}>
        <TextField
          label="SQL roles"
          hint="The login becomes a member of these. Comma-separated, such as shop_reader."
          {...textOf(props, 'postgres.grants')}
        />
        <TextField label="Connections at once" inputmode="numeric" {...textOf(props, 'postgres.connectionsMax')} />
      </Match>
      <Match when={props.kind === 'vault'}>
        <TextField
          label="Path"
          hint="What is read under the mount of the backend, such as creds/orders."
          {...textOf(props, 'vault.path')}
        />
      </Match>
      <Match when={props.kind === 'aws'}>
        <AwsFields {...props} />
      </Match>
      <Match when={props.kind === 'upcloud'}>
        <TextAreaField
          label="Permissions"
          mono
          rows={3}
          hint={
            'One in each line: server, storage, network, router, object_storage, managed_database, ' +
            'managed_loadbalancer or tag_access, a colon, and which. ' +
            'Such as server:00798b85-efdc-41ca-8021-f6ef457b8531.'
          }
          {...textOf(props, 'upcloud.permissions')}
        />
        <TextField
          label="Allowed sources (optional)"
          hint="From where its tokens are let in. Empty: from everywhere. Comma-separated."
          {...textOf(props, 'upcloud.addresses')}
        />
      </Match>
    </Switch>
  )
}

function AwsFields(props: RoleFieldsProps): JSX.Element {
  return (
    <>
      <TextField
        label="Role ARN"
        hint="Such as arn:aws:iam::123456789012:role/deploy."
        {...textOf(props, 'aws.roleArn')}
      />
      <TextAreaField
        label="Session policy (optional)"
        mono
        rows={4}
        hint="In JSON: what is left of the role's rights. Empty: all of them."
        {...textOf(props, 'aws.policy')}
      />
      <TextField
        label="External ID (optional)"
        hint="Where the role is somebody else's and asks for one."
        {...textOf(props, 'aws.externalId')}
      />
      <TextAreaField
        label="Session tags (optional)"
        mono
        rows={2}
        hint="One in each line, such as team=shop."
        {...textOf(props, 'aws.tags')}
      />
    </>
  )
}
