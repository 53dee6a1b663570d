import { Show, type Accessor, type JSX } from 'solid-js'
import { CountDown } from './count-down.tsx'
import { spanSeconds, type Request } from './emergency-words.ts'
import type { Ending } from './endings.ts'

/** What is left of a request as it stands; nothing once no clock runs. */
export function RequestClock(props: {
  request: Pick<Ending<Request>, 'state' | 'endsAt'>
  now: Accessor<number>
}): JSX.Element {
  return (
    <Show when={props.request.endsAt} fallback={<span class="muted">—</span>}>
      {(endsAt) => <CountDown endsAt={endsAt()} ofSeconds={spanSeconds(props.request)} now={props.now} />}
    </Show>
  )
}
