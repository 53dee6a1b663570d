import { Show, type Accessor, type JSX } from 'solid-js'
import { countdownText, exactWords, shareLeft } from './time.ts'
import './time-left.css'

const minuteMs = 60_000

/** An end within this is worth a look. */
const soonMs = 5 * minuteMs

function toneOf(leftMs: number): 'bad' | 'warn' | 'ok' {
  if (leftMs < minuteMs) return 'bad'
  return leftMs < soonMs ? 'warn' : 'ok'
}

/** What is left of a span: a count-down and a thin bar that empties. */
export function TimeLeft(props: { from: string; to: string; now: Accessor<number> }): JSX.Element {
  const left = (): number => Date.parse(props.to) - props.now()
  return (
    <span class={`time-left time-left-${toneOf(left())}`} title={exactWords(props.to)}>
      <Show when={left() > 0} fallback={<span class="time-left-text">expired</span>}>
        <span class="time-left-text">
          <span class="visually-hidden">expires in </span>
          {countdownText(left())}
        </span>
      </Show>
      <svg class="time-left-bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect class="time-left-track" width="100" height="3" />
        <rect class="time-left-fill" width={100 * shareLeft(props.from, props.to, props.now())} height="3" />
      </svg>
    </span>
  )
}
