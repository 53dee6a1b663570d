import type { Raw, Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { CheckField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import type { Form } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import type { ActProps } from './incident-acts.tsx'
import { changesOf, classificationOptions, editable, severityOptions } from './incident-words.ts'

type IncidentForm = Form<Wire<'incident.update'>>

/** Says more of an incident: who leads it, how bad it is, what is affected. */
export function EditIncident(props: ActProps): JSX.Element {
  const before = editable(props.incident)
  return (
    <ActDialog
      name="incident.update"
      title="Edit incident"
      verb="Save"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={before}
      input={(values) => ({ id: props.incident.id, ...changesOf(before, values) }) as Raw<'incident.update'>}
      done={() => 'Incident saved.'}
      fields={(form) => (
        <>
          <WhoAndHow form={form} />
          <WhatIsKnown form={form} />
        </>
      )}
    >
      <p>Its clocks follow severity and breach. Each change stands in the timeline with your name.</p>
    </ActDialog>
  )
}

const fieldOf = (form: IncidentForm, name: string) => ({
  get value() {
    return form.values()[name] ?? ''
  },
  get problem() {
    return form.problem(name)
  },
  onText: form.set(name),
})

function WhoAndHow(props: { form: IncidentForm }): JSX.Element {
  return (
    <>
      <TextField label="Title" autocomplete="off" {...fieldOf(props.form, 'title')} />
      <TextField
        label="Owner (user name)"
        hint="Who leads it."
        autocomplete="off"
        autocapitalize="none"
        {...fieldOf(props.form, 'owner')}
      />
      <SelectField label="Severity" options={severityOptions} {...fieldOf(props.form, 'severity')} />
      <CheckField
        label="Personal data is affected: the authority is told within 72 hours of the detection"
        checked={props.form.values()['breach'] === 'yes'}
        onCheck={(checked) => props.form.set('breach')(checked ? 'yes' : 'no')}
      />
    </>
  )
}

function WhatIsKnown(props: { form: IncidentForm }): JSX.Element {
  return (
    <>
      <TextAreaField label="What is known" rows={4} {...fieldOf(props.form, 'description')} />
      <TextAreaField
        label="Affected"
        hint="Hosts, services, accounts, one a line."
        {...fieldOf(props.form, 'affected')}
      />
      <TextField
        label="Data subjects"
        hint="Whose personal data it is about."
        autocomplete="off"
        {...fieldOf(props.form, 'dataSubjects')}
      />
      <TextField
        label="Functions"
        hint="Of the NIST CSF 2.0: govern, identify, protect, detect, respond, recover."
        autocomplete="off"
        {...fieldOf(props.form, 'functions')}
      />
      <SelectField label="Classification" options={classificationOptions} {...fieldOf(props.form, 'classification')} />
    </>
  )
}

/** Takes the lead. */
export function TakeOver(props: ActProps): JSX.Element {
  const session = useSession()
  return (
    <ActDialog
      name="incident.update"
      title="Take over this incident?"
      verb="Take over"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      input={() => ({ id: props.incident.id, owner: session.me()?.username })}
      done={() => 'You lead this incident.'}
    >
      <p>
        You become its owner
        {props.incident.owner === null ? '' : ` in the place of ${props.incident.owner}`}. Its response clock goes on
        until you change its state.
      </p>
    </ActDialog>
  )
}
