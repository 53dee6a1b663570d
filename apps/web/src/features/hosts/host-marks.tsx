import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { StateMark } from '../../ui/state.tsx'
import { standingOf } from './host-words.ts'
import { UnboundMark } from './unbound.tsx'

type Host = Wire<'sshHost.get'>

/** How a host stands, and what about it is an exception: certificates that name no host, a key nobody has seen. */
export function HostMarks(props: { host: Host }): JSX.Element {
  return (
    <span class="row">
      <StateMark state={standingOf(props.host)} />
      <UnboundMark when={props.host.unbound} />
      <Show when={props.host.contactWaiver !== null}>
        <StateMark state="check waived" />
      </Show>
    </span>
  )
}
