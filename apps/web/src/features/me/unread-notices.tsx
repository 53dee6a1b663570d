import { onCleanup, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'

const askedEveryMs = 60_000
/** Beyond this the exact number says no more. */
const countedMax = 20

const readEvents = new EventTarget()

/** Tells the menu that notices were read, so that its number follows at once. */
export const tellNoticesRead = (): boolean => readEvents.dispatchEvent(new Event('read'))

/** How many notices are unread, beside the place's name. */
export function UnreadNotices(): JSX.Element {
  const unread = createLoaded('notification.list', () => ({ first: countedMax, unread: true }), {
    everyMs: askedEveryMs,
  })
  const onRead = (): void => void unread.reload()
  readEvents.addEventListener('read', onRead)
  onCleanup(() => readEvents.removeEventListener('read', onRead))
  const count = (): number => unread.data()?.items.length ?? 0
  return (
    <Show when={count() > 0}>
      <span class="badge">
        {count() === countedMax ? `${countedMax}+` : count()}
        <span class="visually-hidden"> unread</span>
      </span>
    </Show>
  )
}
