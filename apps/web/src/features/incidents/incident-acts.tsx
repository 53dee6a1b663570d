import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { wordsOf } from './incident-words.ts'

type Incident = Wire<'incident.get'>

/** What a dialog about an incident is given. */
export interface ActProps {
  readonly incident: Incident
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Takes an incident to one of the states that follow. */
export function MoveIncident(props: ActProps): JSX.Element {
  return (
    <ActDialog
      name="incident.transition"
      title="Change the state"
      verb="Change state"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ to: props.incident.nextStates[0] ?? '', note: '' }}
      input={({ to, note }) => ({ id: props.incident.id, to, note: given(note) }) as Raw<'incident.transition'>}
      done={({ state }) => `The incident is ${wordsOf(state)}.`}
      fields={(form) => (
        <>
          <SelectField
            label="New state"
            value={form.values()['to'] ?? ''}
            options={props.incident.nextStates.map((state) => [state, wordsOf(state)] as const)}
            problem={form.problem('to')}
            onText={form.set('to')}
          />
          <TextAreaField
            label="Note (optional)"
            hint="What was found or done."
            value={form.values()['note'] ?? ''}
            problem={form.problem('note')}
            onText={form.set('note')}
          />
        </>
      )}
    >
      <p>An incident only goes forward: it cannot be taken back to {wordsOf(props.incident.state)}.</p>
    </ActDialog>
  )
}

/** Adds a note to the timeline. */
export function AddNote(props: ActProps): JSX.Element {
  return (
    <ActDialog
      name="incident.update"
      title="Add a note"
      verb="Add note"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ note: '' }}
      input={({ note }) => ({ id: props.incident.id, note })}
      done={() => 'Note added.'}
      fields={(form) => (
        <TextAreaField
          label="Note"
          value={form.values()['note'] ?? ''}
          problem={form.problem('note')}
          onText={form.set('note')}
        />
      )}
    >
      <p>It stands in the timeline with your name and the time.</p>
    </ActDialog>
  )
}

/** Closes an incident after its post-mortem. */
export function CloseIncident(props: ActProps): JSX.Element {
  const open = (): number => props.incident.actions.filter(({ doneAt }) => doneAt === null).length
  const untold = (): boolean => props.incident.breach && props.incident.notifiedAt === null
  return (
    <ActDialog
      name="incident.close"
      title="Close this incident?"
      verb="Close incident"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ resolution: '', unfinished: '' }}
      input={({ resolution, unfinished }) => ({
        id: props.incident.id,
        resolution: resolution ?? '',
        unfinished: given(unfinished),
      })}
      done={() => 'Incident closed.'}
      fields={(form) => (
        <>
          <TextAreaField
            label="Resolution"
            hint="What it was, and how it ended."
            value={form.values()['resolution'] ?? ''}
            problem={form.problem('resolution')}
            onText={form.set('resolution')}
          />
          <Show when={open() > 0 || untold()}>
            <TextField
              label="Why it is closed unfinished"
              hint={untold() ? 'The authority has not been notified of the breach.' : `Open actions: ${open()}.`}
              autocomplete="off"
              value={form.values()['unfinished'] ?? ''}
              problem={form.problem('unfinished')}
              onText={form.set('unfinished')}
            />
          </Show>
        </>
      )}
    >
      <p>A closed incident stays as it is. Notes and actions can still be added.</p>
    </ActDialog>
  )
}
