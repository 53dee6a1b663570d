import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { isBehind, listWords } from './host-words.ts'

type Host = Wire<'sshHost.get'>

/** How far a host is behind the revocation list, second by second. */
export function ListAge(props: { host: Host }): JSX.Element {
  const now = createNow()
  return <span classList={{ nowrap: true, muted: props.host.reportedAt === null }}>{listWords(props.host, now())}</span>
}

/** What to do about a host that is too far behind, or trusts another CA. */
export function ListNote(props: { host: Host }): JSX.Element {
  const now = createNow()
  return (
    <>
      <Show when={isBehind(props.host, now())}>
        <Note tone="warn" title="This host does not have the current revocation list.">
          Certificates that were revoked since then may still work on it. Check that the gatehouse-krl-follow service
          runs on the host and reaches Gatehouse.
        </Note>
      </Show>
      <Show when={props.host.trustsCa === false}>
        <Note tone="warn" title="This host does not trust the current Gatehouse CA.">
          Certificates do not work on it. Run the host setup again.
        </Note>
      </Show>
      <Show when={props.host.trustsCa !== false && props.host.followsCa === false}>
        <Note tone="warn" title="This host does not trust the next Gatehouse CA yet.">
          The CA is being rotated. Certificates are signed by the current CA until all hosts trust the next one.
        </Note>
      </Show>
      <Show when={props.host.authority !== null && props.host.trustsAuthority !== true}>
        <Note tone="warn" title={`This host does not trust the CA of ${props.host.authority ?? ''} yet.`}>
          Until it does, certificates are signed by Gatehouse’s own CA. If it stays so, run the host setup again.
        </Note>
      </Show>
    </>
  )
}
