import { useParams } from '@solidjs/router'
import { createMemo, createResource, Show, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { Answer } from '../answer/answer.tsx'
import { isOpen, standingWords, stateMark, type RequestDetail as Detail } from './emergency-words.ts'
import { createEnding, type Ending } from './endings.ts'
import { readSigned, type RequestDocument } from './request-document.ts'
import { Asked, Reach, SignedDocument, Voters, Votes } from './request-facts.tsx'
import { RequestClock } from './request-clock.tsx'
import { RequesterActs, VoteBar } from './vote-bar.tsx'
import './emergency.css'

/** An approver looks at it while others vote. */
const askedEveryMs = 5000

/** One request for emergency access, to be judged in a minute and with one thumb. */
export default function RequestDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('breakGlass.get', () => ({ id: params['id'] ?? '' }), { everyMs: askedEveryMs })
  const title = (): string => {
    const request = loaded.data()
    return request === undefined ? 'Request' : `${request.requesterName} · ${request.workspaceName}`
  }
  return (
    <SidePanel kind="Emergency request" title={title()} back="/emergency/requests">
      <Answer of={loaded}>
        {(request) => <RequestFacts request={request} onChange={() => void loaded.reload()} />}
      </Answer>
    </SidePanel>
  )
}

/** The document as it was hashed here; read again only where it is another one. */
function createSigned(request: Accessor<Detail>): Accessor<RequestDocument | null | undefined> {
  const text = createMemo(() => JSON.stringify([request().document, request().hash]))
  const [signed] = createResource(text, () => readSigned(request()))
  return () => signed.latest
}

function RequestFacts(props: { request: Accessor<Detail>; onChange: () => void }): JSX.Element {
  const now = createNow()
  const signed = createSigned(() => props.request())
  const ending = createEnding<Detail>(() => props.request())
  return (
    <>
      <Show when={ending()}>{(request) => <Head request={request()} now={now} />}</Show>
      <Show
        when={signed()}
        fallback={
          <Show when={signed() === null}>
            <Note tone="bad" title="This request is not what its hash says.">
              It was changed on its way here, or it is broken. Do not approve it; tell your security team.
            </Note>
          </Show>
        }
      >
        {(document) => <Asked document={document()} request={props.request()} />}
      </Show>
      <Reach request={props.request()} />
      <Votes request={props.request()} />
      <Show when={isOpen(props.request())}>
        <Voters request={props.request()} />
      </Show>
      <SignedDocument request={props.request()} />
      <WorkflowLink url={props.request().workflowUrl} />
      <RequesterActs request={props.request()} onChange={props.onChange} />
      <Show when={isOpen(props.request())}>
        <VoteBar request={props.request()} document={signed() ?? null} onChange={props.onChange} />
      </Show>
    </>
  )
}

function Head(props: { request: Ending<Detail>; now: Accessor<number> }): JSX.Element {
  return (
    <div class="stack-tight">
      <div class="row">
        <StateMark state={stateMark(props.request)} />
        <RequestClock request={props.request} now={props.now} />
      </div>
      <p aria-live="polite">{standingWords(props.request)}</p>
    </div>
  )
}
