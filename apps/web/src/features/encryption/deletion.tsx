import { createSignal, Show, type JSX } from 'solid-js'
import { Acts } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { exactWords } from '../../ui/time.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { KeyDialogProps } from './key-dialog.ts'
import { ciphertextsWords, type Key, type Usage } from './key-words.ts'

/** As long as a deletion waits where nobody says otherwise. */
const usualDays = '30'

/** Schedules the end of a key. What is lost with it is what the person was shown, and no more. */
export function DeletionDialog(props: KeyDialogProps): JSX.Element {
  const losing = props.usage.ciphertexts
  return (
    <ActDialog
      name="kmsKey.scheduleDeletion"
      title={`Schedule the deletion of ${props.key.name}?`}
      verb="Schedule deletion"
      look="danger"
      typed={props.key.name}
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ days: usualDays, reason: '' }}
      input={({ days = '', reason = '' }) => ({ id: props.key.id, days: Number(days), reason, losing })}
      done={({ name, deleteAt }) => `${name} is destroyed on ${deleteAt === null ? '' : exactWords(deleteAt)}.`}
      fields={(form) => (
        <TextField
          label="Waiting period in days"
          hint="7 to 30. Until it is over the deletion can be cancelled."
          inputmode="numeric"
          autocomplete="off"
          value={form.values()['days']}
          problem={form.problem('days')}
          onText={form.set('days')}
        />
      )}
    >
      <p>Nothing is encrypted or decrypted under it from now on. After the waiting period its material is destroyed.</p>
      <p>
        <strong>
          {losing === 0
            ? 'Gatehouse knows of no ciphertext that still needs it.'
            : `${ciphertextsWords(losing)} can never be read again then.`}
        </strong>{' '}
        Copies that Gatehouse does not know of are lost, too.
      </p>
    </ActDialog>
  )
}

/** When a key is destroyed, and what goes with it. */
export function DeletionNote(props: { key: Key; usage: Usage }): JSX.Element {
  return (
    <Show when={props.key.deleteAt}>
      {(at) => (
        <Note
          tone="bad"
          title={
            props.usage.ciphertexts === 0
              ? 'The material of this key will be destroyed.'
              : `The material of this key will be destroyed, and ${ciphertextsWords(props.usage.ciphertexts)} with it.`
          }
        >
          That is <Moment at={at()} />, {exactWords(at())}. Until then the deletion can be cancelled.
        </Note>
      )}
    </Show>
  )
}

/** The guard that a deletion has to pass. */
export function DeletionGuard(props: { key: Key; onDone: (key: Key) => void }): JSX.Element {
  const access = useAccess()
  const [open, setOpen] = createSignal(false)
  const on = (): boolean => props.key.deletionGuard
  return (
    <PanelSection title="Deletion guard">
      <p>
        {on()
          ? 'On: the deletion of this key cannot be scheduled.'
          : 'Off: an administrator can schedule the deletion of this key.'}
      </p>
      <Acts
        of={[
          {
            label: on() ? 'Turn off the guard' : 'Turn on the guard',
            blocked: access.why('kmsKey.update', props.key.workspace),
            run: () => setOpen(true),
          },
        ]}
      />
      <Show when={open()}>
        <GuardDialog key={props.key} onDone={props.onDone} onClose={() => setOpen(false)} />
      </Show>
    </PanelSection>
  )
}

function GuardDialog(props: Omit<KeyDialogProps, 'usage'>): JSX.Element {
  const on = props.key.deletionGuard
  return (
    <ActDialog
      name="kmsKey.update"
      title={on ? `Turn off the deletion guard of ${props.key.name}?` : `Guard ${props.key.name} against deletion?`}
      verb={on ? 'Turn off' : 'Turn on'}
      look={on ? 'danger' : 'primary'}
      onClose={props.onClose}
      onDone={props.onDone}
      input={() => ({ id: props.key.id, deletionGuard: !on })}
      done={({ name, deletionGuard }) => `The deletion guard of ${name} is ${deletionGuard ? 'on' : 'off'}.`}
    >
      <p>
        {on
          ? 'The key stays as it is. Its deletion can be scheduled from now on, which waits for at least 7 days.'
          : 'Its deletion cannot be scheduled until the guard is turned off again.'}
      </p>
    </ActDialog>
  )
}
