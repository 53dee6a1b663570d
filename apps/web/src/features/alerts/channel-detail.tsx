import { useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { Empty, Note } from '../../ui/feedback.tsx'
import { given } from '../../ui/form.ts'
import { ExactMoment, Since } from '../../ui/moment.tsx'
import { Facts, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted, sentence } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { channelKindWords, channelState } from './alert-words.ts'
import { DeadLetters } from './dead-letters.tsx'
import { EditChannel, LastChannelNote, SwitchChannel } from './edit-channel.tsx'

type Channel = Wire<'alertChannel.list'>['items'][number]

const askedEveryMs = 10_000
const channelsAsked = 50

/** One channel: whether it works, and a test that says what came back. */
export default function ChannelDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('alertChannel.list', () => ({ first: channelsAsked }), { everyMs: askedEveryMs })
  const found = (): Channel | undefined => loaded.data()?.items.find(({ id }) => id === params['id'])
  return (
    <SidePanel kind="Alert channel" title={found()?.name ?? 'Channel'} back="/alert-channels">
      <Answer of={loaded}>
        {(page) => (
          <Show when={found()} fallback={<Empty title="There is no such channel" />}>
            {(channel) => (
              <ChannelFacts
                channel={channel()}
                isLast={isLastOn(page().items, channel())}
                reload={() => void loaded.reload()}
              />
            )}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

interface ChannelProps {
  readonly channel: Channel
  /** Without it alerts are sent nowhere. */
  readonly isLast: boolean
  readonly reload: () => void
}

const isLastOn = (all: readonly Channel[], { id }: Channel): boolean =>
  !all.some((other) => other.id !== id && other.disabledAt === null)

function ChannelFacts(props: ChannelProps): JSX.Element {
  return (
    <>
      <div class="row">
        <StateMark state={channelState(props.channel)} />
        <Show when={props.channel.waiting > 0}>
          <span class="muted">{counted(props.channel.waiting, 'message')} waiting</span>
        </Show>
      </div>
      <Show when={props.channel.lastError}>
        {(error) => (
          <Note tone="bad" title="The last message was not delivered.">
            {sentence(error())}{' '}
            <Show when={props.channel.failingSince}>
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
          ['Kind', channelKindWords(props.channel.kind)],
          ['Target', <code>{props.channel.target}</code>],
          ['Receives', props.channel.severity === 'low' ? 'all alerts' : `${props.channel.severity} or worse`],
          ['Last delivery', <ExactMoment at={props.channel.deliveredAt} />],
          ['Off since', props.channel.disabledAt === null ? undefined : <ExactMoment at={props.channel.disabledAt} />],
          ['Created', <ExactMoment at={props.channel.createdAt} />],
          ['ID', <code>{props.channel.id}</code>],
        ]}
      />
      <ChannelActs channel={props.channel} isLast={props.isLast} reload={props.reload} />
      <DeadLetters channel={props.channel} reload={props.reload} />
    </>
  )
}

function ChannelActs(props: ChannelProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [tested, setTested] = createSignal<Wire<'alertChannel.test'>>()
  const [error, setError] = createSignal<unknown>()
  const [testing, setTesting] = createSignal(false)
  const [open, setOpen] = createSignal<'edit' | 'switch' | 'remove' | null>(null)
  const test = async (): Promise<void> => {
    setTesting(true)
    setError(undefined)
    setTested(undefined)
    try {
      setTested(await session.act('alertChannel.test', { id: props.channel.id }))
    } catch (problem) {
      setError(() => problem)
    } finally {
      setTesting(false)
    }
  }
  return (
    <>
      <Acts
        of={[
          {
            label: testing() ? 'Sending …' : 'Send test message',
            blocked: access.why('alertChannel.test') ?? (testing() ? 'The test message is being sent.' : null),
            run: () => void test(),
          },
          { label: 'Edit', blocked: access.why('alertChannel.update'), run: () => setOpen('edit') },
          {
            label: props.channel.disabledAt === null ? 'Switch off' : 'Switch on',
            blocked: access.why('alertChannel.update'),
            run: () => setOpen('switch'),
          },
          { label: 'Remove', look: 'danger', blocked: access.why('alertChannel.remove'), run: () => setOpen('remove') },
        ]}
      />
      <div aria-live="polite">
        <Show when={tested()}>{(came) => <TestAnswer came={came()} />}</Show>
      </div>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Show when={open() === 'edit'}>
        <EditChannel
          channel={props.channel}
          isLast={props.isLast}
          onDone={props.reload}
          onClose={() => setOpen(null)}
        />
      </Show>
      <Show when={open() === 'switch'}>
        <SwitchChannel
          channel={props.channel}
          isLast={props.isLast}
          onDone={props.reload}
          onClose={() => setOpen(null)}
        />
      </Show>
      <Show when={open() === 'remove'}>
        <RemoveChannel channel={props.channel} isLast={props.isLast} onClose={() => setOpen(null)} />
      </Show>
    </>
  )
}

function TestAnswer(props: { came: Wire<'alertChannel.test'> }): JSX.Element {
  return (
    <Note
      tone={props.came.delivered ? 'calm' : 'bad'}
      title={props.came.delivered ? 'The test message was delivered.' : 'The test message was not delivered.'}
    >
      <code>{props.came.answer}</code> <span class="muted">({props.came.milliseconds} ms)</span>
    </Note>
  )
}

function RemoveChannel(props: { channel: Channel; isLast: boolean; onClose: () => void }): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="alertChannel.remove"
      title={`Remove ${props.channel.name}?`}
      verb="Remove channel"
      look="danger"
      typed={props.channel.name}
      onClose={props.onClose}
      onDone={() => navigate('/alert-channels')}
      initial={{ because: '' }}
      input={({ because }) => ({ id: props.channel.id, reason: given(because) })}
      done={() => `${props.channel.name} removed.`}
      fields={(form) => (
        <TextField
          label={props.isLast ? 'Reason' : 'Reason (optional)'}
          hint="Recorded in the audit log."
          autocomplete="off"
          value={form.values()['because']}
          problem={form.problem('reason')}
          onText={form.set('because')}
        />
      )}
    >
      <p>
        No more alerts are sent to <code>{props.channel.target}</code>. Messages that wait for it are not sent:{' '}
        {props.channel.waiting}.
      </p>
      <LastChannelNote isLast={props.isLast} what="its removal" />
    </ActDialog>
  )
}
