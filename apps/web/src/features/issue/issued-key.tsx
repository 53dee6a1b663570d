import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Download, ShieldAlert } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { useNotices } from '../../ui/notices.tsx'
import { saveText } from '../../ui/save-text.ts'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { Problem } from '../answer/answer.tsx'
import { IssueAgain } from './issue-again.tsx'

type Host = Wire<'sshHost.get'>

const connectWords = ({
  name,
  address,
  port,
  user,
}: {
  name: string
  address: string
  port: number
  user: string
}): string =>
  `chmod 600 gatehouse-${name} && ssh -i gatehouse-${name} -o IdentitiesOnly=yes -p ${port} ${user}@${address}`

/** A key that was generated: its private half, once, and the way onto the host. */
export function IssuedKey(props: { host: Host; issued: Wire<'sshKey.generate'>; onAgain: () => void }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  const now = createNow()
  guardUntaken('private key', taken)
  const fileName = (): string => `gatehouse-${props.host.name}`
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>
          {props.issued.user}@{props.host.name}
        </strong>
        <TimeLeft from={props.issued.createdAt} to={props.issued.expiresAt} now={now} />
        <A href={`/access/leases/${props.issued.leaseId}`}>View lease</A>
      </div>
      <section class="stack-tight">
        <h2>1 · Copy the private key</h2>
        <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once.">
          Gatehouse does not store it. Anyone who has it can log in until it expires.
        </Note>
        <SecretBlock secret={props.issued.privateKey} what="private key" onTaken={() => setTaken(true)}>
          <Button
            class="button-small"
            icon={<Download aria-hidden="true" />}
            onClick={() => {
              saveText(props.issued.privateKey, fileName())
              setTaken(true)
            }}
          >
            Save as {fileName()}
          </Button>
        </SecretBlock>
      </section>
      <DeployStep issued={props.issued} host={props.host} />
      <section class="stack-tight">
        <h2>3 · Log in</h2>
        <CopyBlock text={connectWords({ ...props.host, user: props.issued.user })} what="log-in command" />
      </section>
      <IssueAgain what="private key" taken={taken()} onAgain={() => props.onAgain()} />
    </div>
  )
}

function DeployStep(props: { host: Host; issued: Wire<'sshKey.generate'> }): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const [state, setState] = createSignal<string>(props.issued.state)
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const deploy = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const key = await session.act('sshKey.deploy', { id: props.issued.id })
      setState(key.state)
      tell(`Deployed. ${props.host.name} accepts this key until it expires.`)
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <section class="stack-tight">
      <h2>2 · Put it on the host</h2>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <div class="row">
        <StateMark state={state()} />
        <Show when={state() === 'generated'}>
          <Button look="primary" busy={busy()} onClick={() => void deploy()}>
            Deploy to {props.host.name}
          </Button>
        </Show>
        <Show when={state() === 'deployed'}>
          <span class="muted">The host itself refuses the key after it expires.</span>
        </Show>
      </div>
    </section>
  )
}
