import { A, useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded, type Loaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty, Note } from '../../ui/feedback.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { ExactMoment, Moment, Since } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted, sentence } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { lagWords, sinkKindWords, sinkState } from './sink-words.ts'

type Sink = Wire<'auditSink.list'>['items'][number]
type DeadLetter = Wire<'auditSink.deadLetters'>['items'][number]

const askedEveryMs = 10_000
const sinksAsked = 200

/** One sink: how far it is, why it stands still, and what it would not take. */
export default function SinkDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('auditSink.list', () => ({ first: sinksAsked }), { everyMs: askedEveryMs })
  const found = (): Sink | undefined => loaded.data()?.items.find(({ id }) => id === params['id'])
  return (
    <SidePanel kind="Audit sink" title={found()?.name ?? 'Sink'} back="/record/sinks">
      <Answer of={loaded}>
        {() => (
          <Show when={found()} fallback={<Empty title="There is no such sink" />}>
            {(sink) => <SinkFacts sink={sink()} reload={() => void loaded.reload()} />}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

function SinkFacts(props: { sink: Sink; reload: () => void }): JSX.Element {
  return (
    <>
      <div class="row">
        <StateMark state={sinkState(props.sink)} />
        <span class="muted">{lagWords(props.sink)}</span>
      </div>
      <Show when={props.sink.lastError}>
        {(text) => (
          <Note tone={props.sink.failingSince === null ? 'warn' : 'bad'} title="The last delivery failed.">
            {sentence(text())}{' '}
            <Show when={props.sink.failingSince}>
              {(at) => (
                <span class="muted">
                  (failing <Since at={at()} />; it is tried again automatically)
                </span>
              )}
            </Show>
          </Note>
        )}
      </Show>
      <Facts
        of={[
          ['Kind', sinkKindWords(props.sink.kind)],
          ['Target', <code>{props.sink.target}</code>],
          ['Format', props.sink.format],
          ['People', props.sink.redacted ? 'left out' : 'with names and addresses'],
          ['Required', props.sink.required ? 'yes: nothing is changed while it does not take entries' : 'no'],
          ['Last delivery', <ExactMoment at={props.sink.deliveredAt} />],
          ['Delivered to', props.sink.cursor < 0 ? 'nothing yet' : `no. ${props.sink.cursor}`],
          ['Created', <ExactMoment at={props.sink.createdAt} />],
          ['ID', <code>{props.sink.id}</code>],
        ]}
      />
      <SinkActs sink={props.sink} reload={props.reload} />
      <DeadLetters sink={props.sink} />
    </>
  )
}

function SinkActs(props: { sink: Sink; reload: () => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [error, setError] = createSignal<unknown>()
  const [removing, setRemoving] = createSignal(false)
  const paused = (): boolean => props.sink.state === 'paused'
  const tried = async (act: Promise<unknown>, done: string): Promise<void> => {
    setError(undefined)
    try {
      await act
      props.reload()
      tell(done)
    } catch (problem) {
      setError(() => problem)
    }
  }
  const run = (name: 'auditSink.pause' | 'auditSink.resume', done: string): Promise<void> =>
    tried(session.act(name, { id: props.sink.id }), done)
  const require = (required: boolean): Promise<void> =>
    tried(
      session.act('auditSink.require', { id: props.sink.id, required }),
      required ? `${props.sink.name} is required.` : `${props.sink.name} is not required any more.`,
    )
  return (
    <>
      <Acts
        of={[
          paused()
            ? {
                label: 'Resume',
                look: 'primary',
                blocked: access.why('auditSink.resume'),
                run: () => void run('auditSink.resume', `${props.sink.name} goes on where it stopped.`),
              }
            : {
                label: 'Pause',
                blocked: access.why('auditSink.pause'),
                run: () => void run('auditSink.pause', `${props.sink.name} is paused. Entries wait for it.`),
              },
          ...(paused() || props.sink.failingSince === null
            ? []
            : [
                {
                  label: 'Try now',
                  blocked: access.why('auditSink.resume'),
                  run: () => void run('auditSink.resume', `${props.sink.name} is tried now.`),
                },
              ]),
          {
            label: props.sink.required ? 'Stop requiring' : 'Require',
            blocked: access.why('auditSink.require'),
            run: () => void require(!props.sink.required),
          },
          { label: 'Remove', look: 'danger', blocked: access.why('auditSink.remove'), run: () => setRemoving(true) },
        ]}
      />
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Show when={removing()}>
        <RemoveSink sink={props.sink} onClose={() => setRemoving(false)} />
      </Show>
    </>
  )
}

function RemoveSink(props: { sink: Sink; onClose: () => void }): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="auditSink.remove"
      title={`Remove ${props.sink.name}?`}
      verb="Remove sink"
      look="danger"
      typed={props.sink.name}
      onClose={props.onClose}
      onDone={() => navigate('/record/sinks')}
      input={() => ({ id: props.sink.id })}
      done={() => `${props.sink.name} removed.`}
    >
      <p>
        Nothing is sent to <code>{props.sink.target}</code> any more, and its{' '}
        {counted(props.sink.deadLetters, 'rejected entry').replace('entrys', 'entries')} are forgotten. The audit log
        keeps everything.
      </p>
    </ActDialog>
  )
}

/** Rejected entries that are listed at once. */
const lettersAsked = 50

function DeadLetters(props: { sink: Sink }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [error, setError] = createSignal<unknown>()
  const loaded: Loaded<Wire<'auditSink.deadLetters'>> = createLoaded('auditSink.deadLetters', () =>
    access.may('auditSink.deadLetters') ? { id: props.sink.id, first: lettersAsked } : null,
  )
  const retry = async (entry?: string): Promise<void> => {
    setError(undefined)
    try {
      const { retried } = await session.act('auditSink.retry', { id: props.sink.id, entry })
      await loaded.reload()
      tell(`${retried === 1 ? '1 entry is' : `${retried} entries are`} tried again.`)
    } catch (problem) {
      setError(() => problem)
    }
  }
  const columns: readonly Column<DeadLetter>[] = [
    { title: 'Entry', rank: 'main', cell: ({ seq, entryId }) => <A href={`/record/audit/${entryId}`}>no. {seq}</A> },
    { title: 'Reason', cell: ({ error: text }) => text, free: true },
    { title: 'Since', cell: ({ at }) => <Moment at={at} /> },
  ]
  return (
    <Show when={access.may('auditSink.deadLetters')}>
      <PanelSection title={`Rejected entries · ${props.sink.deadLetters}`}>
        <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
        <Answer of={loaded} lines={2}>
          {(page) => (
            <Show
              when={page().items.length > 0}
              fallback={<p class="muted">None. The sink has accepted every entry.</p>}
            >
              <Acts
                of={[{ label: 'Try all again', blocked: access.why('auditSink.retry'), run: () => void retry() }]}
              />
              <DataList
                label="Rejected entries"
                items={page().items}
                columns={columns}
                key={({ entryId }) => entryId}
                actions={({ entryId, due }) => (
                  <Show when={!due} fallback={<StateMark state="pending" />}>
                    <Button
                      class="button-small"
                      blocked={access.why('auditSink.retry')}
                      onClick={() => void retry(entryId)}
                    >
                      Try again
                    </Button>
                  </Show>
                )}
              />
            </Show>
          )}
        </Answer>
      </PanelSection>
    </Show>
  )
}
