import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { createNow } from '../../ui/clock.ts'
import { StateMark } from '../../ui/state.tsx'
import { postureOf, standingOf } from './host-words.ts'
import { UnboundMark } from './unbound.tsx'

type Host = Wire<'sshHost.get'>

/** How a host stands, what of what it reports is wrong, and what about it is an exception. */
export function HostMarks(props: { host: Host }): JSX.Element {
  const now = createNow()
  return (
    <span class="row">
      <StateMark state={standingOf(props.host)} />
      <For each={postureOf(props.host, now())}>{(mark) => <StateMark state={mark} />}</For>
      <UnboundMark when={props.host.unbound} />
      <Show when={props.host.contactWaiver !== null}>
        <StateMark state="check waived" />
      </Show>
    </span>
  )
}
