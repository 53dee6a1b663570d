import { useNavigate } from '@solidjs/router'
import { durationText } from '@gatehouse/kit'
import { Show, type JSX } from 'solid-js'
import { TextAreaField } from '../../ui/field.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Facts, PanelSection } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { WorkspaceField } from './ask-emergency.tsx'
import { lengthWords, type Request } from './emergency-words.ts'

/** Said at the top of a drill, before anything else of it is read. */
export function DrillNote(): JSX.Element {
  return (
    <Note tone="calm" title="This is a drill, no emergency.">
      Read it and vote as if it were real: how long it takes is measured. It ends before there is a session, and nobody
      gets access by it.
    </Note>
  )
}

/** What a drill has measured, and how good that is. */
export function DrillResult(props: { request: Request }): JSX.Element {
  const took = (seconds: number | null | undefined): string =>
    seconds === null || seconds === undefined ? 'not yet' : `after ${durationText(seconds)}`
  return (
    <Show when={props.request.drillSteps}>
      {(steps) => (
        <PanelSection title="What the drill measured">
          <Facts
            of={[
              ['Score', props.request.drillScore === null ? undefined : `${props.request.drillScore} of 100`],
              ['First vote', took(steps().firstVoteSeconds)],
              ['Enough approvals', took(steps().approvedSeconds)],
              ['Session would begin', took(steps().activationSeconds)],
            ]}
          />
        </PanelSection>
      )}
    </Show>
  )
}

/** Begins a drill. */
export function BeginDrill(props: { onClose: () => void }): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="breakGlass.drill"
      title="Begin a drill"
      verb="Begin drill"
      onClose={props.onClose}
      onDone={({ id }) => navigate(`/emergency/requests/${id}?drill=true`)}
      initial={{ workspace: '', justification: '' }}
      input={({ workspace = '', justification = '' }) => ({ workspace, justification: justification.trim() })}
      fields={(form) => (
        <>
          <WorkspaceField form={form} />
          <TextAreaField
            label="What is rehearsed"
            hint={
              <span aria-live="polite">Approvers read it. {lengthWords(form.values()['justification'] ?? '')}</span>
            }
            value={form.values()['justification'] ?? ''}
            problem={form.problem('justification')}
            onText={form.set('justification')}
          />
        </>
      )}
      done={() => 'Drill begun. Everybody who can approve it has been told that it is one.'}
    >
      <p>
        Everybody who can approve emergency access is told, as in an emergency, and that it is a drill. When enough
        people have approved, you finish it: no session comes of it.
      </p>
    </ActDialog>
  )
}
