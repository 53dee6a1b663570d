import { useParams } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { kindWords, lockFields, lockState, type Lock } from './lock-words.ts'

const askedEveryMs = 10_000

/** One lock: what it denies, by whom, why and until when; and the way to remove it. */
export default function LockDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('lock.list', () => ({ id: params['id'] ?? '', all: true, first: 1 }), {
    everyMs: askedEveryMs,
  })
  const found = (): Lock | undefined => loaded.data()?.items[0]
  return (
    <SidePanel kind="Lock" title={found()?.name ?? 'Lock'} back="/access/locks">
      <Answer of={loaded}>
        {() => (
          <Show when={found()} fallback={<Empty title="There is no such lock" />}>
            {(lock) => <LockFacts lock={lock()} reload={() => void loaded.reload()} />}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

function LockFacts(props: { lock: Lock; reload: () => void }): JSX.Element {
  const access = useAccess()
  const [removing, setRemoving] = createSignal(false)
  return (
    <>
      <div class="row">
        <StateMark state={lockState(props.lock)} />
        <span class="muted">{kindWords[props.lock.kind]}</span>
      </div>
      <Show when={props.lock.holds}>
        <p>{lockFields[props.lock.kind].effect}</p>
      </Show>
      <Facts
        of={[
          ['Reason', props.lock.reason],
          ['Locked by', props.lock.createdByName ?? 'deleted account'],
          ['Since', <ExactMoment at={props.lock.createdAt} />],
          ['Until', <ExactMoment at={props.lock.expiresAt} none="no end" />],
          ...(props.lock.removedAt === null ? [] : removal(props.lock)),
          ['What is locked', <code>{props.lock.target}</code>],
          ['ID', <code>{props.lock.id}</code>],
        ]}
      />
      <Show when={props.lock.holds}>
        <Acts
          of={[
            { label: 'Remove lock', look: 'danger', blocked: access.why('lock.remove'), run: () => setRemoving(true) },
          ]}
        />
      </Show>
      <Show when={removing()}>
        <RemoveLock lock={props.lock} onDone={props.reload} onClose={() => setRemoving(false)} />
      </Show>
    </>
  )
}

const removal = (lock: Lock): readonly (readonly [string, JSX.Element])[] => [
  ['Removed by', lock.removedByName ?? 'deleted account'],
  ['Removed', <ExactMoment at={lock.removedAt} />],
  ['Reason of removal', lock.removeReason],
]

function RemoveLock(props: { lock: Lock; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="lock.remove"
      title={`Remove the lock on ${props.lock.name}?`}
      verb="Remove lock"
      look="danger"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.lock.id, reason })}
      done={({ name }) => `The lock on ${name} is removed.`}
    >
      <p>
        What it denied is decided by the policies again, now and on every node. It was locked for:{' '}
        <strong>{props.lock.reason}</strong>
      </p>
    </ActDialog>
  )
}
