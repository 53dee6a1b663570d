import { useNavigate, useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { CheckField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { createForm, givenList, type Form } from '../../ui/form.ts'
import { Note } from '../../ui/feedback.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page } from '../../ui/page.tsx'
import { sentence } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { emergencyActions, suggestedActions } from './emergency-actions.ts'
import { durations, lengthWords, severities } from './emergency-words.ts'
import './emergency.css'

type AskForm = Form<Wire<'breakGlass.request'>>

/** Asks for emergency access: what is wrong, where, what has to be done, for how long. */
export default function AskEmergency(): JSX.Element {
  return (
    <Page
      title="Request emergency access"
      lead="People of two teams are asked to approve it. When they have, you activate it and its clock starts."
    >
      <RuleNote />
      <AskFields />
    </Page>
  )
}

/** A request that nobody can approve is known before it is written. */
function RuleNote(): JSX.Element {
  const access = useAccess()
  const rule = createLoaded('breakGlass.ruleGet', () => (access.may('breakGlass.ruleGet') ? {} : null))
  return (
    <Show when={rule.data()?.satisfiable === false}>
      <Note tone="bad" title="At this moment nobody can approve a request.">
        {sentence(rule.data()?.problem ?? 'There are too few people for the approval rule.')}
      </Note>
    </Show>
  )
}

function AskFields(): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const navigate = useNavigate()
  const { tell } = useNotices()
  const [params] = useSearchParams<{ incident?: string; workspace?: string }>()
  const form = createForm({
    name: 'breakGlass.request',
    initial: {
      incident: params.incident ?? '',
      severity: 'critical',
      justification: '',
      workspace: params.workspace ?? '',
      actions: suggestedActions.join(','),
      durationSeconds: '3600',
    },
    input: ({ incident = '', severity, justification = '', workspace = '', actions, durationSeconds }) => ({
      incident: incident.trim(),
      severity: severity as 'critical', // one of the options of the select
      justification: justification.trim(),
      workspace,
      actions: (givenList(actions) ?? []) as ['sshHost.list'], // of the boxes; the contract checks them
      durationSeconds: Number(durationSeconds),
    }),
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const request = await form.send()
    if (request === null) return
    tell('Requested. Everybody who can approve it has been told.')
    navigate(`/emergency/requests/${request.id}`)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <WhatHappened form={form} />
      <WorkspaceField form={form} />
      <ActionsField form={form} />
      <SelectField
        label="For how long"
        hint="From activation on. It also ends when it is not used for 30 minutes."
        value={form.values()['durationSeconds'] ?? ''}
        options={durations}
        problem={form.problem('durationSeconds')}
        onText={form.set('durationSeconds')}
      />
      <FormActs verb="Request emergency access" blocked={access.why('breakGlass.request')} busy={form.busy()} />
    </form>
  )
}

/** Incident, severity and why, as asked for and as changed. */
export function WhatHappened(props: { form: AskForm }): JSX.Element {
  const value = (field: string): string => props.form.values()[field] ?? ''
  return (
    <>
      <IncidentField form={props.form} />
      <SelectField
        label="Severity"
        value={value('severity')}
        options={severities}
        problem={props.form.problem('severity')}
        onText={props.form.set('severity')}
      />
      <TextAreaField
        label="Justification"
        hint={<span aria-live="polite">What fails, and what you will do. {lengthWords(value('justification'))}</span>}
        value={value('justification')}
        problem={props.form.problem('justification')}
        onText={props.form.set('justification')}
      />
    </>
  )
}

/** An open incident, or a number of one's own: with that one is opened. */
function IncidentField(props: { form: AskForm }): JSX.Element {
  const access = useAccess()
  const mine = (): { mine?: true } => (access.mayWhole('incident.list') ? {} : { mine: true })
  const listed = createLoaded('incident.list', () =>
    access.may('incident.list') ? { open: true, first: 100, ...mine() } : null,
  )
  const open = (): readonly (readonly [string, string])[] =>
    (listed.data()?.items ?? []).map(({ id, title, severity }) => [id, `${title} (${severity})`] as const)
  const value = (): string => props.form.values()['incident'] ?? ''
  const isListed = (): boolean => open().some(([id]) => id === value())
  return (
    <>
      <Show when={open().length > 0}>
        <SelectField
          label="Open incident"
          value={isListed() ? value() : ''}
          options={[['', 'None of these'], ...open()]}
          onText={props.form.set('incident')}
        />
      </Show>
      <Show when={!isListed()}>
        <TextField
          label="Incident"
          hint="Its number, or a few words. Where it is not open here yet, it is opened with your request."
          autocomplete="off"
          value={value()}
          problem={props.form.problem('incident')}
          onText={props.form.set('incident')}
        />
      </Show>
    </>
  )
}

/** Where: of those that are seen, or by name. */
export function WorkspaceField(props: { form: AskForm }): JSX.Element {
  const access = useAccess()
  const places = createLoaded('workspace.list', () => (access.may('workspace.list') ? { first: 200 } : null))
  const options = (): (readonly [string, string])[] => [
    ['', 'Choose a workspace'],
    ...(places.data()?.items ?? []).map(({ name, environment }) => [name, `${name} (${environment})`] as const),
  ]
  const field = {
    label: 'Workspace',
    onText: props.form.set('workspace'),
    get value() {
      return props.form.values()['workspace'] ?? ''
    },
    get problem() {
      return props.form.problem('workspace')
    },
  }
  return (
    <Show when={options().length > 1} fallback={<TextField {...field} autocomplete="off" hint="Its name." />}>
      <SelectField {...field} options={options()} />
    </Show>
  )
}

/** What has to be done. */
export function ActionsField(props: { form: AskForm }): JSX.Element {
  const chosen = (): readonly string[] => givenList(props.form.values()['actions']) ?? []
  const toggle = (name: string, checked: boolean): void =>
    props.form.set('actions')((checked ? [...chosen(), name] : chosen().filter((other) => other !== name)).join(','))
  return (
    <fieldset class="emergency-actions" aria-describedby="emergency-actions-problem">
      <legend>What has to be done</legend>
      <For each={emergencyActions}>
        {({ name, words }) => (
          <CheckField label={words} checked={chosen().includes(name)} onCheck={(checked) => toggle(name, checked)} />
        )}
      </For>
      <p class="field-problem" id="emergency-actions-problem">
        {props.form.problem('actions')}
      </p>
    </fieldset>
  )
}
