import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'

type Channel = Wire<'alertChannel.list'>['items'][number]

const lettersShown = 20
const askedEveryMs = 10_000

/** Messages that a channel refused or did not take in time: they are sent again or dropped by hand. */
export function DeadLetters(props: { channel: Channel; reload: () => void }): JSX.Element {
  return (
    <Show
      when={props.channel.deadLetters > 0}
      fallback={
        <PanelSection title="Not delivered">
          <p class="muted">None. The channel has accepted every message.</p>
        </PanelSection>
      }
    >
      <Letters channel={props.channel} reload={props.reload} />
    </Show>
  )
}

function Letters(props: { channel: Channel; reload: () => void }): JSX.Element {
  const access = useAccess()
  const asked = () => (access.may('alertChannel.deadLetters') ? { id: props.channel.id, first: lettersShown } : null)
  const loaded = createLoaded('alertChannel.deadLetters', asked, { everyMs: askedEveryMs })
  const [open, setOpen] = createSignal<'retry' | 'drop' | null>(null)
  const done = (): void => {
    props.reload()
    void loaded.reload()
  }
  const all = (): string => counted(props.channel.deadLetters, 'message')
  return (
    <PanelSection title={`Not delivered: ${all()}`}>
      <ul class="stack-tight">
        <For each={loaded.data()?.items ?? []}>
          {(letter) => (
            <li>
              <p class="row">
                <StateMark state={letter.severity} />
                <A href={`/alerts/${letter.alert}`}>{letter.title}</A>
              </p>
              <p class="muted">
                <Moment at={letter.at} />, after {counted(letter.attempts, 'attempt')}
                <Show when={letter.error}>{(error) => <>: {error()}</>}</Show>
              </p>
            </li>
          )}
        </For>
      </ul>
      <Show when={loaded.data()?.nextCursor}>
        <p class="muted">The newest {lettersShown} are shown.</p>
      </Show>
      <Acts
        of={[
          {
            label: 'Send again',
            blocked:
              access.why('alertChannel.retry') ??
              (props.channel.disabledAt === null ? null : 'The channel is off. Switch it on first.'),
            run: () => setOpen('retry'),
          },
          { label: 'Drop', look: 'danger', blocked: access.why('alertChannel.drop'), run: () => setOpen('drop') },
        ]}
      />
      <Show when={open()}>
        {(act) => (
          <LetterDialog act={act()} all={all()} channel={props.channel} onDone={done} onClose={() => setOpen(null)} />
        )}
      </Show>
    </PanelSection>
  )
}

interface LetterProps {
  readonly channel: Channel
  /** How many, in words. */
  readonly all: string
  readonly onDone: () => void
  readonly onClose: () => void
}

function LetterDialog(props: LetterProps & { act: 'retry' | 'drop' }): JSX.Element {
  return (
    <Show when={props.act === 'retry'} fallback={<DropLetters {...props} />}>
      <RetryLetters {...props} />
    </Show>
  )
}

function RetryLetters(props: LetterProps): JSX.Element {
  return (
    <ActDialog
      name="alertChannel.retry"
      title={`Send ${props.all} again?`}
      verb="Send again"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      input={() => ({ id: props.channel.id })}
      done={({ retried }) => `${counted(retried, 'message')} sent again.`}
    >
      <p>Each goes under its own id, so that the receiver knows what it has had. Of one alert only the newest goes.</p>
    </ActDialog>
  )
}

function DropLetters(props: LetterProps): JSX.Element {
  return (
    <ActDialog
      name="alertChannel.drop"
      title={`Drop ${props.all}?`}
      verb="Drop"
      look="danger"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.channel.id, reason })}
      done={({ dropped }) => `${counted(dropped, 'message')} dropped.`}
    >
      <p>Nothing of it is sent to this channel any more. The alerts stay.</p>
    </ActDialog>
  )
}
