import { useNavigate } from '@solidjs/router'
import { createMemo, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendsAsked, kindName, type Backend } from '../backends/backend-words.ts'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { createInput, emptyRole } from './role-draft.ts'
import { RoleFields } from './role-fields.tsx'

interface CreateRoleProps {
  /** The backend that the list is narrowed to. */
  readonly backend: string | undefined
  readonly onClose: () => void
}

/** Says what may be asked of a backend. */
export function CreateRole(props: CreateRoleProps): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const loaded = createLoaded('secretBackend.list', () => (access.may('secretBackend.list') ? backendsAsked : null))
  const workspaces = createWorkspaceNames()
  const backends = createMemo((): readonly Backend[] => loaded.data()?.items ?? [])
  const kindOf = (reference: string | undefined) =>
    (backends().find(({ id, name }) => id === reference || name === reference) ?? backends()[0])?.kind ?? 'postgres'
  const options = (): readonly (readonly [string, string])[] =>
    backends().map(({ id, name, kind }) => [id, `${name} · ${kindName(kind)}`])
  return (
    <ActDialog
      name="secretRole.create"
      title="Create a role"
      verb="Create role"
      onClose={props.onClose}
      onDone={({ id }) => navigate(`/access/roles/${id}`)}
      initial={{ ...emptyRole, backend: props.backend ?? '' }}
      input={(values) => createInput(chosenBackend(values, options()), kindOf(values['backend']))}
      done={({ name }) => `${name} created.`}
      fields={(form) => (
        <Answer of={loaded} lines={6}>
          {() => (
            <Show when={backends().length > 0} fallback={<Note tone="calm" title="Add a backend first." />}>
              <SelectField
                label="Backend"
                value={form.values()['backend'] || (options()[0]?.[0] ?? '')}
                options={options()}
                problem={form.problem('backend')}
                onText={form.set('backend')}
              />
              <div class="form-columns">
                <TextField
                  label="Name"
                  hint="For example shop-read."
                  autocomplete="off"
                  autocapitalize="none"
                  spellcheck={false}
                  value={form.values()['name']}
                  problem={form.problem('name')}
                  onText={form.set('name')}
                />
                <SelectField
                  label="Workspace"
                  hint="Its teams can ask for it, as the policies say."
                  value={form.values()['workspace'] ?? ''}
                  options={[...new Set(['default', ...workspaces().values()])].map((name) => [name, name] as const)}
                  problem={form.problem('workspace')}
                  onText={form.set('workspace')}
                />
              </div>
              <RoleFields form={form} kind={kindOf(form.values()['backend'])} />
            </Show>
          )}
        </Answer>
      )}
    >
      <p>
        A role says what its credentials can do, for how long, and in which workspace they can be asked for. The backend
        is asked whether it can give them before the role is kept.
      </p>
    </ActDialog>
  )
}

/** Until somebody has chosen, the first of the list is shown, and is what is meant. */
const chosenBackend = (values: Readonly<Record<string, string>>, options: readonly (readonly [string, string])[]) => ({
  ...values,
  backend: values['backend'] || (options[0]?.[0] ?? ''),
})
