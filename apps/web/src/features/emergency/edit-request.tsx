import { Show, type JSX } from 'solid-js'
import { givenList } from '../../ui/form.ts'
import { SelectField } from '../../ui/field.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { ActionsField, WhatHappened } from './ask-emergency.tsx'
import { durations, voidWords, type RequestDetail } from './emergency-words.ts'

/** Changes an open request: a new version, which nobody has approved yet. */
export function EditRequest(props: { request: RequestDetail; onDone: () => void; onClose: () => void }): JSX.Element {
  const { incident, incidentId, severity, justification, actions, durationSeconds } = props.request
  return (
    <ActDialog
      name="breakGlass.update"
      title="Change this request?"
      verb="Change request"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{
        incident: incidentId ?? incident,
        severity,
        justification,
        actions: actions.join(','),
        durationSeconds: String(durationSeconds),
      }}
      input={(values) => ({
        id: props.request.id,
        // named anew only where it is another one: the same name would open an incident of that name
        ...(values['incident'] === (incidentId ?? incident) ? {} : { incident: (values['incident'] ?? '').trim() }),
        severity: values['severity'] as typeof severity, // one of the options of the select
        justification: (values['justification'] ?? '').trim(),
        actions: (givenList(values['actions']) ?? []) as ['sshHost.list'], // of the boxes; the contract checks them
        durationSeconds: Number(values['durationSeconds']),
      })}
      fields={(form) => (
        <>
          <WhatHappened form={form} />
          <ActionsField form={form} />
          <SelectField
            label="For how long"
            value={form.values()['durationSeconds'] ?? ''}
            options={durations}
            problem={form.problem('durationSeconds')}
            onText={form.set('durationSeconds')}
          />
        </>
      )}
      done={() => 'Request changed. Everybody who can approve it has been told.'}
    >
      <Show when={voidWords(props.request)}>
        {(words) => (
          <Note tone="warn" title={words()}>
            They were given for the previous version. Everybody has to read the new one and vote again.
          </Note>
        )}
      </Show>
      <p>The request is asked again in its new version, and has another hour to be approved.</p>
    </ActDialog>
  )
}
