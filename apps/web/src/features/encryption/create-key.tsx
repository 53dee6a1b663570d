import type { JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendNames } from './backend-words.ts'
import type { Key } from './key-words.ts'
import { backendsInput, NewKeyBackends } from './new-key-backends.tsx'

interface CreateKeyProps {
  /** Names of the workspaces that the person sees. */
  readonly workspaces: readonly string[]
  /** The workspace that the list is narrowed to. */
  readonly initial: string | undefined
  readonly onDone: (key: Key) => void
  readonly onClose: () => void
}

const ownWorkspace = 'default'

/** Makes a key, and says what its rights mean before there is anything to read. */
export function CreateKey(props: CreateKeyProps): JSX.Element {
  const access = useAccess()
  const names = [...new Set([ownWorkspace, ...props.workspaces])]
  const loaded = createLoaded('kmsBackend.list', () => (access.may('kmsBackend.list') ? {} : null))
  const backends = (): readonly string[] => backendNames(loaded.data()?.backends ?? [])
  return (
    <ActDialog
      name="kmsKey.create"
      title="Create an encryption key"
      verb="Create key"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: '', workspace: props.initial ?? ownWorkspace, rotationDays: '', backend: '', quorum: '' }}
      input={(values) => ({
        name: (values['name'] ?? '').trim(),
        workspace: values['workspace'] ?? '',
        rotationDays: given(values['rotationDays']) === undefined ? undefined : Number(values['rotationDays']),
        ...backendsInput(backends(), values),
      })}
      done={({ name }) => `${name} created.`}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            hint="For example shop-config. It can never be changed, or given to another key."
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={form.values()['name']}
            problem={form.problem('name')}
            onText={form.set('name')}
          />
          <SelectField
            label="Workspace"
            hint="Its teams see the key. A ciphertext can only be decrypted in the workspace it was encrypted in."
            value={form.values()['workspace'] ?? ''}
            options={names.map((name) => [name, name] as const)}
            problem={form.problem('workspace')}
            onText={form.set('workspace')}
          />
          <TextField
            label="Rotate every so many days (optional)"
            hint="Empty: by hand only."
            inputmode="numeric"
            autocomplete="off"
            value={form.values()['rotationDays']}
            problem={form.problem('rotationDays')}
            onText={form.set('rotationDays')}
          />
          <NewKeyBackends form={form} names={backends()} />
        </>
      )}
    >
      <p>
        To encrypt and to decrypt are two separate rights. Who can only encrypt can store a new password, but cannot
        read it again, or any other.
      </p>
      <p class="muted">
        To rewrap is a third right: a ciphertext is moved to the newest version of the key, and nobody sees what it
        holds.
      </p>
    </ActDialog>
  )
}
