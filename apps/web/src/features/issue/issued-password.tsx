import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { opensWords } from '../hosts/host-words.ts'
import { IssueAgain } from './issue-again.tsx'

/** A password for one log-in, once, and the way onto the host. */
export function IssuedPassword(props: { issued: Wire<'sshOtp.issue'>; onAgain: () => void }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  const now = createNow()
  guardUntaken('one-time password', taken)
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>{props.issued.role}</strong>
        <TimeLeft from={props.issued.createdAt} to={props.issued.expiresAt} now={now} />
        <A href={`/access/leases/${props.issued.leaseId}`}>View lease</A>
      </div>
      <section class="stack-tight">
        <h2>1 · Copy the password</h2>
        <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once, and opens one log-in.">
          The session that it opens stays open after the password has expired.
        </Note>
        <SecretBlock secret={props.issued.otp} what="one-time password" onTaken={() => setTaken(true)} />
      </section>
      <section class="stack-tight">
        <h2>2 · Log in, and paste it where the host asks for a password</h2>
        <CopyBlock
          text={`ssh -o PubkeyAuthentication=no -p ${props.issued.port} ${props.issued.user}@${props.issued.address}`}
          what="log-in command"
        />
      </section>
      <Facts
        of={[
          ['Opens', opensWords(props.issued.role)],
          ['Valid until', <ExactMoment at={props.issued.expiresAt} />],
          ['Allowed sources', <code>{props.issued.sourceAddresses.join(', ')}</code>],
        ]}
      />
      <IssueAgain what="one-time password" taken={taken()} onAgain={() => props.onAgain()} />
    </div>
  )
}
