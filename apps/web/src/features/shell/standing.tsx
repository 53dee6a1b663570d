import { createEffect, createSignal, on, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { WifiOff } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { durationText } from '@gatehouse/kit'
import { relativeWords, spokenStep } from '../../ui/time.ts'
import { useLiveLeases } from '../leases/watching.tsx'

/** A break shorter than this heals by itself before anybody has read about it. */
const tellBrokenAfterMs = 5_000

/** Says across all screens that what they show may be out of date, and since when. */
export function OfflineBanner(): JSX.Element {
  const live = useLiveLeases()
  const now = createNow()
  const [offlineSince, setOfflineSince] = createSignal(navigator.onLine ? null : Date.now())
  onMount(() => {
    const update = (): void => {
      setOfflineSince(navigator.onLine ? null : Date.now())
    }
    window.addEventListener('online', update)
    window.addEventListener('offline', update)
    onCleanup(() => {
      window.removeEventListener('online', update)
      window.removeEventListener('offline', update)
    })
  })
  const brokenSince = (): number | null => {
    const state = live.state()
    return state.at === 'broken' && now() - state.since > tellBrokenAfterMs ? state.since : null
  }
  const since = (): number | null => offlineSince() ?? brokenSince()
  return (
    <Show when={since()}>
      {(moment) => (
        <Note
          tone="warn"
          icon={<WifiOff />}
          title={offlineSince() === null ? 'Live updates are interrupted.' : 'You are offline.'}
        >
          The data shown may be out of date (last update {relativeWords(new Date(moment()).toISOString(), now())}).
          Gatehouse reconnects automatically.
        </Note>
      )}
    </Show>
  )
}

/** Says aloud when a lease of the person's own is about to end. */
export function SpokenEnds(): null {
  const session = useSession()
  const live = useLiveLeases()
  const { say } = useNotices()
  const now = createNow()
  createEffect(
    on(now, (moment, before) => {
      if (before === undefined) return
      for (const lease of live.leases().values()) {
        if (lease.state !== 'active' || lease.principal !== session.me()?.id) continue
        const end = Date.parse(lease.expiresAt)
        const step = spokenStep(end - before, end - moment)
        if (step !== null) say(`Your credential for ${lease.role} ends in ${durationText(step)}.`)
      }
    }),
  )
  return null
}
