import { useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createEffect, createMemo, createResource, createSignal, Show, type Accessor, type JSX } from 'solid-js'
import { keepWatching } from '../../keep-watching.ts'
import { createLoaded } from '../../loading.ts'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { SidePanel } from '../../ui/panel.tsx'
import { settled } from '../../ui/settled.ts'
import { StateMark } from '../../ui/state.tsx'
import { WorkflowLink } from '../../ui/workflow-link.tsx'
import { Answer } from '../answer/answer.tsx'
import { isOpen, standingWords, stateMark, type RequestDetail as Detail } from './emergency-words.ts'
import { DrillNote, DrillResult } from './drills.tsx'
import { createEnding, type Ending } from './endings.ts'
import { readSigned, type RequestDocument } from './request-document.ts'
import { Asked, Reach, SignedDocument, Voters, Votes } from './request-facts.tsx'
import { RequestClock } from './request-clock.tsx'
import { RequesterActs, VoteBar } from './vote-bar.tsx'
import './emergency.css'

/** An approver looks at it while others vote; asked for only while nothing tells of them. */
const askedEveryMs = 5000

/** One request for emergency access, to be judged in a minute and with one thumb. */
export default function RequestDetail(): JSX.Element {
  const params = useParams()
  const id = (): string => params['id'] ?? ''
  const [live, setLive] = createSignal(false)
  const loaded = createLoaded('breakGlass.get', () => ({ id: id() }), { everyMs: askedEveryMs, when: () => !live() })
  followRequest(id, {
    onLive: setLive,
    onItem: (item) => {
      if (!standsAs(item, loaded.data())) void loaded.reload()
    },
  })
  const title = (): string => {
    const request = loaded.data()
    return request === undefined ? 'Request' : `${request.requesterName} · ${request.workspaceName}`
  }
  return (
    <SidePanel
      kind={loaded.data()?.drill === true ? 'Drill' : 'Emergency request'}
      title={title()}
      back="/emergency/requests"
    >
      <Answer of={loaded}>
        {(request) => <RequestFacts request={request} onChange={() => void loaded.reload()} />}
      </Answer>
    </SidePanel>
  )
}

interface Following {
  readonly onLive: (live: boolean) => void
  readonly onItem: (item: Wire<'breakGlass.watch'>) => void
}

/** Watches the request that the page shows, and another when it shows another. */
function followRequest(id: Accessor<string>, { onLive, onItem }: Following): void {
  createEffect(() => {
    const state = keepWatching('breakGlass.watch', { id: id() }, () => ({ onOpen: () => undefined, onItem }))
    createEffect(() => onLive(state().at === 'live'))
  })
}

/** Whether all that the watch tells is on the page already. */
const standsAs = (item: Wire<'breakGlass.watch'>, shown: Detail | undefined): boolean => {
  const standing = ({ id, version, state, approvals, denials, missing, session }: Wire<'breakGlass.watch'>): string =>
    JSON.stringify([id, version, state, approvals, denials, missing, session])
  return shown !== undefined && standing(item) === standing(shown)
}

/** The document as it was hashed here; read again only where it is another one. */
function createSigned(request: Accessor<Detail>): Accessor<RequestDocument | null | undefined> {
  const text = createMemo(() => JSON.stringify([request().document, request().hash]))
  const [signed] = createResource(text, () => readSigned(request()))
  return () => settled(signed)
}

function RequestFacts(props: { request: Accessor<Detail>; onChange: () => void }): JSX.Element {
  const now = createNow()
  const signed = createSigned(() => props.request())
  const ending = createEnding<Detail>(() => props.request())
  return (
    <>
      <Show when={props.request().drill}>
        <DrillNote />
      </Show>
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
      <DrillResult request={props.request()} />
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
