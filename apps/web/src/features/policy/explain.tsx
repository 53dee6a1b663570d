import { useSearchParams } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { CircleQuestionMark as CircleHelp } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { Explanation } from './explanation.tsx'
import { WhoCould } from './who-could.tsx'
import { QuestionForm } from './question-form.tsx'
import { draftOf, inputOf, isAsked, kindOf, questionFields, type QuestionDraft } from './question.ts'
import './explain.css'

/** Asks the policies whether somebody may do something, and why. The question stands in the URL. */
export default function Explain(): JSX.Element {
  const [params, setParams] = useSearchParams<Record<string, string | undefined>>()
  const question = (): QuestionDraft => draftOf((field) => params[field])
  const loaded = createLoaded('policy.explain', () => (isAsked(question()) ? inputOf(question()) : null))
  let answer: HTMLElement | undefined
  const ask = (draft: QuestionDraft): void => {
    answer?.scrollIntoView({ block: 'nearest' }) // on a phone it stands below the question
    if (questionFields.every((field) => draft[field] === question()[field])) void loaded.reload()
    // Back leads to the question before
    else
      setParams(Object.fromEntries(questionFields.map((field) => [field, draft[field] === '' ? null : draft[field]])))
  }
  return (
    <Page
      title="Explain a decision"
      lead={
        'Ask whether somebody may do something, and why: by which policies, under which conditions, and what would ' +
        'change the answer. Nothing is done; each question is audited.'
      }
      actions={
        <Show when={isAsked(question())}>
          <CopyButton text={window.location.href} what="link to this question" label="Copy link" />
        </Show>
      }
    >
      <div class="explain">
        <QuestionForm question={question()} busy={loaded.loading() && isAsked(question())} onAsk={ask} />
        <div
          class="stack"
          ref={(element) => {
            answer = element
          }}
        >
          <Show when={isAsked(question())} fallback={<NothingAsked />}>
            <Answer of={loaded} lines={6}>
              {(explained) => <Explanation of={explained()} recorded={kindOf(question()) === 'decision'} />}
            </Answer>
            <Show when={kindOf(question()) === 'call'}>
              <WhoCould question={question()} />
            </Show>
          </Show>
        </div>
      </div>
    </Page>
  )
}

function NothingAsked(): JSX.Element {
  return (
    <Empty
      title="No decision explained yet"
      icon={<CircleHelp />}
      command="npx --no-install gatehouse policy explain --action policy.reload --resource System:gatehouse"
    >
      Choose who, which operation and which resource, then select Explain. A recorded decision is explained by its ID,
      or from its own page.
    </Empty>
  )
}
