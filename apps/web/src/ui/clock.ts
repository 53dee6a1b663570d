import { createSignal, onCleanup, type Accessor } from 'solid-js'

/** The moment now, moving each second while something on the screen looks at it. */
export function createNow(): Accessor<number> {
  const [now, setNow] = createSignal(Date.now())
  const timer = setInterval(() => setNow(Date.now()), 1000)
  onCleanup(() => clearInterval(timer))
  return now
}
