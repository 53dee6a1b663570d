import type { Accessor, JSX } from 'solid-js'
import { TimeLeft } from '../../ui/time-left.tsx'

/** What is left of a span that lasts so long. */
export function CountDown(props: { endsAt: string; ofSeconds: number; now: Accessor<number> }): JSX.Element {
  const from = (): string => new Date(Date.parse(props.endsAt) - props.ofSeconds * 1000).toISOString()
  return <TimeLeft from={from()} to={props.endsAt} now={props.now} />
}
