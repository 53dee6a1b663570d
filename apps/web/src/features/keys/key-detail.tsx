import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { createEndFact } from '../../ui/end-fact.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createHostNames } from '../hosts/host-names.ts'
import { createUnboundHosts, UnboundMark, UnboundNote } from '../hosts/unbound.tsx'
import { RevokeDialog } from '../leases/revoke-dialog.tsx'

type Key = Wire<'sshKey.get'>

/** One key: where it is, until when, and the ways to put it there and take it away. */
export default function KeyDetail(): JSX.Element {
  const params = useParams()
  const hostName = createHostNames()
  const loaded = createLoaded('sshKey.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel
      kind="SSH key"
      title={loaded.data() === undefined ? 'Key' : `${loaded.data()?.user}@${hostName(loaded.data()?.hostId ?? '')}`}
      back="/access/keys"
    >
      <Answer of={loaded}>
        {(key) => (
          <KeyFacts
            key={key()}
            hostName={hostName(key().hostId)}
            onChange={loaded.put}
            reload={() => void loaded.reload()}
          />
        )}
      </Answer>
    </SidePanel>
  )
}

function KeyFacts(props: {
  key: Key
  hostName: string
  onChange: (key: Key) => void
  reload: () => void
}): JSX.Element {
  const isUnbound = createUnboundHosts()
  const end = createEndFact(() => ({ expiresAt: props.key.expiresAt, isOver: props.key.state === 'revoked' }))
  return (
    <>
      <div class="row">
        <StateMark state={props.key.state} />
        <UnboundMark when={isUnbound(props.key.hostId)} />
      </div>
      <UnboundNote when={isUnbound(props.key.hostId)} />
      <Facts
        of={[
          ['Account', <code>{props.key.user}</code>],
          ['Allowed sources', <code>{props.key.sourceAddresses.join(', ')}</code>],
          ['Fingerprint', <code>{props.key.fingerprint}</code>],
          ['Generated', <ExactMoment at={props.key.createdAt} />],
          ['Deployed', <ExactMoment at={props.key.deployedAt} none="not yet" />],
          end(),
          ['Lease', <A href={`/access/leases/${props.key.leaseId}`}>View lease</A>],
          ['Host', <A href={`/access/hosts/${props.key.hostId}`}>{props.hostName}</A>],
        ]}
      />
      <PanelSection title="Public key">
        <CopyBlock text={props.key.publicKey} what="public key" />
      </PanelSection>
      <KeyActs key={props.key} onChange={props.onChange} reload={props.reload} />
    </>
  )
}

function KeyActs(props: { key: Key; onChange: (key: Key) => void; reload: () => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const [revoking, setRevoking] = createSignal(false)
  const lease = createLoaded('lease.get', () => ({ id: props.key.leaseId }))
  const deploy = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      props.onChange(await session.act('sshKey.deploy', { id: props.key.id }))
      tell('Deployed. The host accepts this key until it expires.')
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  const alive = (): boolean =>
    props.key.state === 'generated' || props.key.state === 'deployed' || props.key.state === 'removing'
  return (
    <>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <div class="form-actions">
        <Show when={props.key.state === 'generated'}>
          <Button look="primary" busy={busy()} blocked={access.why('sshKey.deploy')} onClick={() => void deploy()}>
            Deploy to the host
          </Button>
        </Show>
        <Show when={alive() && lease.data()}>
          <Button
            look="danger"
            blocked={access.why('lease.revoke', lease.data()?.workspace)}
            onClick={() => setRevoking(true)}
          >
            Revoke
          </Button>
        </Show>
      </div>
      <Show when={revoking() && lease.data()}>
        {(held) => <RevokeDialog lease={held()} onDone={() => props.reload()} onClose={() => setRevoking(false)} />}
      </Show>
    </>
  )
}
