import { createEffect, createSignal, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { onOurClock, sessionEvents } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { durationText } from '@gatehouse/kit'
import { countdownText } from '../../ui/time.ts'
import { standingAt, type EndReason, type SessionTimes } from './session-end.ts'
import './time-out.css'

const activeKey = 'gatehouse.activeAt'
const activityEvents = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/** Other tabs need not know to the second. */
const tellTabsEveryMs = 5_000

/** When the person last did something here or on another tab. Only the time is kept in the browser's storage. */
function createActivity(heed: () => boolean): { at: () => number; now: () => void } {
  const [at, setAt] = createSignal(Date.now())
  let told = 0
  const note = (): void => {
    const now = Date.now()
    setAt(now)
    if (now - told < tellTabsEveryMs) return
    told = now
    localStorage.setItem(activeKey, String(now))
  }
  const onActivity = (): void => {
    if (heed()) note()
  }
  const onStorage = (event: StorageEvent): void => {
    if (event.key === activeKey) setAt((before) => Math.max(before, Number(event.newValue ?? 0)))
  }
  onMount(() => {
    for (const name of activityEvents) window.addEventListener(name, onActivity, { passive: true })
    window.addEventListener('storage', onStorage)
  })
  onCleanup(() => {
    for (const name of activityEvents) window.removeEventListener(name, onActivity)
    window.removeEventListener('storage', onStorage)
  })
  return { at, now: note }
}

/** What is known of the session's end, from what the server last said of it. */
function createTimes(activeAt: () => number): () => SessionTimes {
  const session = useSession()
  const [usedAt, setUsedAt] = createSignal(Date.now())
  const onUsed = (): void => {
    setUsedAt(Date.now())
  }
  sessionEvents.addEventListener('used', onUsed)
  onCleanup(() => sessionEvents.removeEventListener('used', onUsed))
  // The longest that was seen: towards the session's absolute end the server's answer shrinks with it.
  const [spanMs, setSpanMs] = createSignal<number | null>(null)
  createEffect(
    on(
      () => session.me()?.sessionIdleExpiresAt ?? null,
      (idleEnd) => {
        if (idleEnd !== null) setSpanMs((before) => Math.max(before ?? 0, onOurClock(idleEnd) - Date.now()))
      },
    ),
  )
  const absolute = (): string | null => session.me()?.sessionExpiresAt ?? null
  return () => {
    const end = absolute()
    return {
      absoluteEnd: end === null ? null : onOurClock(end),
      idleSpanMs: spanMs(),
      usedAt: usedAt(),
      activeAt: activeAt(),
    }
  }
}

/** Warns before the session's time is up, keeps it alive under somebody at work, and ends it when nobody is. */
export default function TimeOut(): JSX.Element {
  const session = useSession()
  const now = createNow()
  const [warned, setWarned] = createSignal<{ readonly why: EndReason; readonly end: number } | null>(null)
  const [seen, setSeen] = createSignal<number | null>(null)
  // while the question stands, a key press is an answer to it and no sign of life of its own
  const activity = createActivity(() => warned() === null)
  const times = createTimes(activity.at)
  let busy = false
  const once = async (act: () => Promise<void>): Promise<void> => {
    if (busy) return
    busy = true
    await act().finally(() => {
      busy = false
    })
  }
  createEffect(() => {
    const standing = standingAt(now(), times())
    const asks = standing.at === 'warn' && seen() !== standing.end
    setWarned((before) => {
      if (!asks) return null
      return before?.end === standing.end ? before : { why: standing.why, end: standing.end }
    })
    if (standing.at === 'keep') void once(session.touch)
    if (standing.at === 'over') void once(session.timeOut)
  })
  const stay = (): void => {
    activity.now()
    void once(session.touch)
  }
  return (
    <Show when={warned()}>
      {(warning) => (
        <Warning
          why={warning().why}
          end={warning().end}
          now={now()}
          onStay={() => (warning().why === 'idle' ? stay() : setSeen(warning().end))}
          onLeave={() => void session.logOut()}
        />
      )}
    </Show>
  )
}

const spokenAtSeconds = [300, 120, 60, 30, 10] as const

function Warning(props: {
  why: EndReason
  end: number
  now: number
  onStay: () => void
  onLeave: () => void
}): JSX.Element {
  const leftMs = (): number => Math.max(0, props.end - props.now)
  /** Said at steps: a count-down that is read out each second drowns everything else. */
  const spoken = (): string => {
    const step = spokenAtSeconds.findLast((seconds) => leftMs() <= seconds * 1000) ?? Math.ceil(leftMs() / 1000)
    return `${durationText(step)} left`
  }
  return (
    <Dialog
      open
      title={props.why === 'idle' ? 'Are you still there?' : 'Your session ends soon'}
      onClose={() => props.onStay()}
    >
      <p class="time-out-left" aria-hidden="true">
        {countdownText(leftMs())}
      </p>
      <p class="visually-hidden" role="status">
        {spoken()}
      </p>
      <p class="muted">
        {props.why === 'idle'
          ? 'You have been inactive for a while and will be logged out soon. After your next log-in you ' +
            'return to this page.'
          : 'Your session is about to reach its maximum length. Save your work; after your next log-in you return ' +
            'to this page.'}
      </p>
      <div class="form-actions">
        <Button look="primary" onClick={() => props.onStay()}>
          {props.why === 'idle' ? 'Stay logged in' : 'Continue'}
        </Button>
        <Button onClick={() => props.onLeave()}>Log out now</Button>
      </div>
    </Dialog>
  )
}
