import { Show, type Accessor, type JSX } from 'solid-js'
import { Moment } from '../../ui/moment.tsx'
import { CountDown } from './count-down.tsx'
import { spanSeconds, type Request } from './emergency-words.ts'
import type { Ending } from './endings.ts'

/** What is left of a request as it stands, or when it was made. */
export function RequestClock(props: {
  request: Pick<Ending<Request>, 'state' | 'endsAt' | 'createdAt'>
  now: Accessor<number>
}): JSX.Element {
  return (
    <Show when={props.request.endsAt} fallback={<Moment at={props.request.createdAt} />}>
      {(endsAt) => <CountDown endsAt={endsAt()} ofSeconds={spanSeconds(props.request)} now={props.now} />}
    </Show>
  )
}
