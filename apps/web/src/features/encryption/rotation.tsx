import { createSignal, Show, type JSX } from 'solid-js'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { exactWords } from '../../ui/time.ts'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { KeyDialogProps } from './key-dialog.ts'
import { leavingWords, paceWords, periodWords, type Key, type Usage } from './key-words.ts'

/** When a key is rotated, and how what older versions encrypted comes over to the current one. */
export function Rotation(props: { key: Key; usage: Usage; onDone: (key: Key) => void }): JSX.Element {
  const access = useAccess()
  const [open, setOpen] = createSignal(false)
  return (
    <PanelSection title="Rotation">
      <p>
        {periodWords(props.key)}
        <Show when={props.key.rotatesAt}>
          {(at) => (
            <>
              {' '}
              Next: <Moment at={at()} />, {exactWords(at())}.
            </>
          )}
        </Show>
      </p>
      <Show when={props.usage.leaving}>
        {(leaving) => <Leaving leaving={leaving()} version={props.usage.currentVersion} />}
      </Show>
      <WorkflowLink url={props.usage.workflowUrl} />
      <Acts
        of={[
          {
            label: 'Change rotation',
            blocked: access.why('kmsKey.update', props.key.workspace),
            run: () => setOpen(true),
          },
        ]}
      />
      <Show when={open()}>
        <PeriodDialog key={props.key} onDone={props.onDone} onClose={() => setOpen(false)} />
      </Show>
    </PanelSection>
  )
}

function Leaving(props: { leaving: NonNullable<Usage['leaving']>; version: number }): JSX.Element {
  const of = (): number => props.leaving.moved + props.leaving.left
  return (
    <>
      <Show when={of() > 0}>
        <progress class="key-progress" max={of()} value={props.leaving.moved} aria-label="Rewrapped ciphertexts" />
      </Show>
      <p>{leavingWords(props.leaving, props.version)}</p>
      <Show when={props.leaving.left > 0}>
        <p class="muted">
          {paceWords(props.leaving)}{' '}
          <Show when={props.leaving.doneAt}>
            {(at) => (
              <>
                At this pace they are through <Moment at={at()} />.
              </>
            )}
          </Show>
        </p>
      </Show>
      <Show when={props.leaving.closesAt}>
        {(at) => (
          <p class="muted">
            Nothing needs an older version. They are closed <Moment at={at()} /> unless something does by then.
          </p>
        )}
      </Show>
    </>
  )
}

function PeriodDialog(props: Omit<KeyDialogProps, 'usage'>): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.update"
      title={`Change the rotation of ${props.key.name}?`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ rotationDays: props.key.rotationDays === null ? '' : String(props.key.rotationDays) }}
      input={({ rotationDays = '' }) => ({ id: props.key.id, rotationDays: Number(rotationDays) })}
      done={(key) => `${key.name}: ${periodWords(key)}`}
      fields={(form) => (
        <TextField
          label="Rotate every so many days"
          hint="Leave empty to rotate it by hand only."
          inputmode="numeric"
          autocomplete="off"
          value={form.values()['rotationDays']}
          problem={form.problem('rotationDays')}
          onText={form.set('rotationDays')}
        />
      )}
    >
      <p>
        With each rotation everything is encrypted under a new version. What older versions encrypted still decrypts,
        and has to be rewrapped by whoever keeps it.
      </p>
    </ActDialog>
  )
}
