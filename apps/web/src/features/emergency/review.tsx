import { useNavigate, useParams } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { FormActs } from '../answer/form-acts.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { Deeds } from './deeds.tsx'
import { lengthWords, whyNotReview, type Emergency } from './emergency-words.ts'
import { emptyFollowUp, followUpsToSend, linesOf, type FollowUpDraft } from './follow-ups.ts'
import './emergency.css'

type ReviewForm = Form<Wire<'breakGlass.review'>>

/** The review of an ended emergency session: what was done stands beside what is asked. */
export default function ReviewEmergency(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('emergencySession.get', () => ({ id: params['id'] ?? '' }))
  const lead = (): string | undefined => {
    const session = loaded.data()
    return session && `${session.requesterName} in ${session.workspaceName}, for ${session.incident}.`
  }
  return (
    <Page title="Review emergency session" lead={lead()}>
      <Answer of={loaded}>
        {(session) => (
          <div class="stack narrow">
            <Section title="What was done">
              <Deeds id={session().id} request={session().request} live={false} />
            </Section>
            <ReviewFields session={session()} />
          </div>
        )}
      </Answer>
    </Page>
  )
}

function ReviewFields(props: { session: Emergency }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const navigate = useNavigate()
  const { tell } = useNotices()
  const [drafts, setDrafts] = createSignal<readonly FollowUpDraft[]>([])
  const form = createForm({
    name: 'breakGlass.review',
    initial: { needed: '', summary: '', rotate: '', followUps: 'shown' },
    input: ({ needed = '', summary = '', rotate = '' }) =>
      ({
        id: props.session.id,
        needed: needed === '' ? undefined : needed === 'yes',
        summary: summary.trim(),
        rotate: linesOf(rotate),
        followUps: followUpsToSend(drafts()),
      }) as Raw<'breakGlass.review'>, // an answer left out is told at its field
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if ((await form.send()) === null) return
    tell('Reviewed.')
    navigate(`/emergency/sessions/${props.session.id}`)
  }
  return (
    <form class="card form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <Judgement form={form} />
      <FollowUps drafts={drafts} set={setDrafts} problem={form.problem('followUps')} />
      <FormActs
        verb="Save review"
        blocked={whyNotReview(props.session, session.me()) ?? access.why('breakGlass.review')}
        busy={form.busy()}
      />
    </form>
  )
}

function Judgement(props: { form: ReviewForm }): JSX.Element {
  const value = (field: string): string => props.form.values()[field] ?? ''
  return (
    <>
      <SelectField
        label="Was it needed?"
        value={value('needed')}
        options={[
          ['', 'Choose'],
          ['yes', 'Yes, ordinary access would not have done'],
          ['no', 'No, there was another way'],
        ]}
        problem={props.form.problem('needed')}
        onText={props.form.set('needed')}
      />
      <TextAreaField
        label="Summary"
        hint={<span aria-live="polite">What happened, and what was done. {lengthWords(value('summary'))}</span>}
        value={value('summary')}
        problem={props.form.problem('summary')}
        onText={props.form.set('summary')}
      />
      <TextAreaField
        label="To rotate (optional)"
        hint="Secrets that were seen or used, one a line."
        value={value('rotate')}
        problem={props.form.problem('rotate')}
        onText={props.form.set('rotate')}
      />
    </>
  )
}

/** More belongs into a plan and not into a review. */
const followUpsMax = 20

function FollowUps(props: {
  drafts: Accessor<readonly FollowUpDraft[]>
  set: (drafts: readonly FollowUpDraft[]) => void
  problem: string | undefined
}): JSX.Element {
  const change =
    (at: number, field: keyof FollowUpDraft) =>
    (text: string): void =>
      props.set(props.drafts().map((draft, index) => (index === at ? { ...draft, [field]: text } : draft)))
  return (
    <fieldset class="emergency-actions">
      <legend>Follow-ups (optional)</legend>
      <For each={props.drafts().map((_draft, at) => at)}>
        {(at) => (
          <div class="emergency-follow-up">
            <TextField label="What" value={props.drafts()[at]?.text} onText={change(at, 'text')} />
            <TextField label="Owner (user name)" value={props.drafts()[at]?.owner} onText={change(at, 'owner')} />
            <TextField label="Due on" type="date" value={props.drafts()[at]?.due} onText={change(at, 'due')} />
          </div>
        )}
      </For>
      <p class="field-problem" role="alert">
        {props.problem}
      </p>
      <Show when={props.drafts().length < followUpsMax}>
        <div>
          <Button onClick={() => props.set([...props.drafts(), emptyFollowUp])}>Add a follow-up</Button>
        </div>
      </Show>
    </fieldset>
  )
}
