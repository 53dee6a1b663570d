import { createMemo, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Note } from '../../ui/feedback.tsx'
import { StateMark } from '../../ui/state.tsx'
import { useAccess } from '../answer/use-access.tsx'

/** As many as a list gives at once; such hosts are exceptions that only Admins make. */
const unboundHostsMax = 200

/** Tells hosts whose certificates name bare accounts, by their ids: a name may be another's tomorrow. */
export function createUnboundHosts(): (id: string | null) => boolean {
  const access = useAccess()
  const hosts = createLoaded('sshHost.list', () =>
    access.may('sshHost.list') ? { unbound: true, first: unboundHostsMax } : null,
  )
  const ids = createMemo(() => new Set(hosts.data()?.items.map(({ id }) => id)))
  return (id) => id !== null && ids().has(id)
}

/** Marks a host, or what was issued for it, whose certificates are good on other hosts, too. */
export function UnboundMark(props: { when: boolean }): JSX.Element {
  return (
    <Show when={props.when}>
      <span title="Certificates for this host also work on other hosts.">
        <StateMark state="unbound" />
      </span>
    </Show>
  )
}

/** The same, in a sentence. */
export function UnboundNote(props: { when: boolean }): JSX.Element {
  return (
    <Show when={props.when}>
      <Note tone="warn" title="Certificates for this host are not bound to it.">
        A certificate that is issued here works on every host that trusts the Gatehouse CA and has the same account.
      </Note>
    </Show>
  )
}
