import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js'
import { CircleCheck, TriangleAlert, X } from '../generated/icons.tsx'
import { IconButton } from './button.tsx'
import { NoticesContext, type Tone } from './tell.ts'
import './notices.css'

interface Notice {
  readonly id: number
  readonly text: string
  readonly tone: Tone
}

const shownForMs = 8000

/** Gives notices to everything below, and shows them. */
export function NoticesProvider(props: { children: JSX.Element }): JSX.Element {
  const [notices, setNotices] = createSignal<readonly Notice[]>([])
  const [spoken, setSpoken] = createSignal('')
  const timers = new Set<ReturnType<typeof setTimeout>>()
  onCleanup(() => timers.forEach(clearTimeout))
  let count = 0
  const drop = (id: number): void => {
    setNotices((all) => all.filter((notice) => notice.id !== id))
  }
  const tell = (text: string, tone: Tone = 'good'): void => {
    count += 1
    const id = count
    setNotices((all) => [...all.slice(-2), { id, text, tone }])
    timers.add(setTimeout(() => drop(id), shownForMs))
  }
  return (
    <NoticesContext.Provider value={{ tell, say: setSpoken }}>
      {props.children}
      <div class="notices" role="status" aria-label="Notices">
        <For each={notices()}>
          {(notice) => (
            <p class="notice" data-tone={notice.tone}>
              <Show when={notice.tone === 'warn'} fallback={<CircleCheck aria-hidden="true" />}>
                <TriangleAlert aria-hidden="true" />
              </Show>
              <span>{notice.text}</span>
              <IconButton label="Dismiss" icon={<X aria-hidden="true" />} onClick={() => drop(notice.id)} />
            </p>
          )}
        </For>
      </div>
      <p class="visually-hidden" aria-live="polite">
        {spoken()}
      </p>
    </NoticesContext.Provider>
  )
}

export { useNotices } from './tell.ts'
