import { createMemo, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { Form } from '../../ui/form.ts'
import { useAccess } from '../answer/use-access.tsx'
import { kindOptions } from '../leases/lease-words.ts'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'

/** As many as a list gives at once. */
const asked = { first: 200 } as const

/** By what leases are chosen: all that is given has to hold. */
export function ChooseLeases(props: { form: Form<unknown> }): JSX.Element {
  const backends = createBackendOptions()
  const workspaces = createWorkspaceOptions()
  const field = (name: string) => ({
    value: props.form.values()[name] ?? '',
    problem: props.form.problem(name),
    onText: props.form.set(name),
  })
  const text = (name: string) =>
    ({ ...field(name), autocomplete: 'off', autocapitalize: 'none', spellcheck: false }) as const
  return (
    <>
      <div class="form-columns">
        <TextField label="Owner" hint="A user name or a service account." {...text('principal')} />
        <SelectField label="Kind or backend" options={backends()} {...field('backend')} />
        <SelectField label="Workspace" options={workspaces()} {...field('workspace')} />
      </div>
      <div class="form-columns">
        <TextField label="Role" hint="Such as shop-read, or deploy@db-1." {...text('role')} />
        <TextField label="Role begins with" hint="Such as shop-." {...text('prefix')} />
        <TextField label="Host" hint="Its name." {...text('host')} />
        <TextField label="Session ID" hint="What was issued in one session." {...text('session')} />
        <TextField label="Emergency request ID" hint="What it opened, once it was approved." {...text('approval')} />
      </div>
    </>
  )
}

type Options = readonly (readonly [value: string, label: string])[]

const any: Options = [['', 'any']]

/** All of a kind, or all of one backend, for who sees backends. */
function createBackendOptions(): () => Options {
  const access = useAccess()
  const loaded = createLoaded('secretBackend.list', () => (access.may('secretBackend.list') ? asked : null))
  return createMemo(() => [
    ...any,
    ...kindOptions.map(([kind, words]) => [kind, `every ${words}`] as const),
    ...(loaded.data()?.items ?? []).map(({ name }) => [name, `all of ${name}`] as const),
  ])
}

function createWorkspaceOptions(): () => Options {
  const names = createWorkspaceNames()
  return createMemo(() => [...any, ...names()])
}
