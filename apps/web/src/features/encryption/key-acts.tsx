import { createSignal, Show, type Component, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { Acts, type Act } from '../../ui/acts.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { CallName } from '../../wire.ts'
import { DeletionDialog } from './deletion.tsx'
import type { KeyDialogProps } from './key-dialog.ts'
import { actsOf, type Key, type KeyAct, type Usage } from './key-words.ts'

interface Described {
  readonly label: string
  readonly operation: CallName
  readonly look?: Act['look']
  readonly dialog: Component<KeyDialogProps>
}

const described: Readonly<Record<KeyAct, Described>> = {
  rotate: { label: 'Rotate', operation: 'kmsKey.rotate', look: 'primary', dialog: RotateDialog },
  enable: { label: 'Enable', operation: 'kmsKey.enable', dialog: EnableDialog },
  restrict: { label: 'Allow decryption only', operation: 'kmsKey.disable', dialog: RestrictDialog },
  disable: { label: 'Disable', operation: 'kmsKey.disable', dialog: DisableDialog },
  scheduleDeletion: {
    label: 'Schedule deletion',
    operation: 'kmsKey.scheduleDeletion',
    look: 'danger',
    dialog: DeletionDialog,
  },
  cancelDeletion: {
    label: 'Cancel deletion',
    operation: 'kmsKey.cancelDeletion',
    look: 'primary',
    dialog: CancelDeletionDialog,
  },
}

const guarded = 'The deletion guard is on. Turn it off first.'

/** What can be done with a key as a whole, each in a dialog of its own. */
export function KeyActs(props: { key: Key; usage: Usage; onDone: (key: Key) => void }): JSX.Element {
  const access = useAccess()
  const [open, setOpen] = createSignal<KeyAct | null>(null)
  const acts = (): Act[] =>
    actsOf(props.key).map((name) => {
      const { label, operation, look } = described[name]
      const held = name === 'scheduleDeletion' && props.key.deletionGuard ? guarded : null
      return {
        label,
        ...(look === undefined ? {} : { look }),
        blocked: access.why(operation, props.key.workspace) ?? held,
        run: () => setOpen(name),
      }
    })
  return (
    <>
      <Show when={acts().length > 0}>
        <Acts of={acts()} />
      </Show>
      <Show when={open()}>
        {(name) => (
          <Dynamic
            component={described[name()].dialog}
            key={props.key}
            usage={props.usage}
            onDone={props.onDone}
            onClose={() => setOpen(null)}
          />
        )}
      </Show>
    </>
  )
}

function RotateDialog(props: KeyDialogProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.rotate"
      title={`Rotate ${props.key.name}?`}
      verb="Rotate"
      onClose={props.onClose}
      onDone={props.onDone}
      input={() => ({ id: props.key.id })}
      done={({ name, currentVersion }) => `${name} encrypts under version ${currentVersion} now.`}
    >
      <p>
        Everything is encrypted under version {props.key.currentVersion + 1} from now on. What older versions encrypted
        still decrypts, and should be rewrapped.
      </p>
    </ActDialog>
  )
}

function EnableDialog(props: KeyDialogProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.enable"
      title={`Enable ${props.key.name}?`}
      verb="Enable"
      onClose={props.onClose}
      onDone={props.onDone}
      input={() => ({ id: props.key.id })}
      done={({ name }) => `${name} encrypts and decrypts again.`}
    >
      <p>It encrypts and decrypts again at once.</p>
    </ActDialog>
  )
}

function RestrictDialog(props: KeyDialogProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.disable"
      title={`Allow only decryption under ${props.key.name}?`}
      verb="Allow decryption only"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, reason, decryptOnly: true })}
      done={({ name }) => `${name} only decrypts now.`}
    >
      <p>What was encrypted can be read from now on. Calls that encrypt, rewrap or make data keys are refused.</p>
    </ActDialog>
  )
}

function DisableDialog(props: KeyDialogProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.disable"
      title={`Disable ${props.key.name}?`}
      verb="Disable"
      look="danger"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, reason })}
      done={({ name }) => `${name} is disabled.`}
    >
      <p>
        Nothing is encrypted or decrypted under it from now on, in any process: programs that need what it encrypted
        stop working. It can be enabled again.
      </p>
    </ActDialog>
  )
}

function CancelDeletionDialog(props: KeyDialogProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.cancelDeletion"
      title={`Cancel the deletion of ${props.key.name}?`}
      verb="Cancel deletion"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, reason })}
      done={({ name }) => `${name} is kept. It is disabled.`}
    >
      <p>The key is kept. It stays disabled until an administrator enables it.</p>
    </ActDialog>
  )
}
