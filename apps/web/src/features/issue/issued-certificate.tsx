import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { namesBareAccount, opensWords, partsOfRole } from '../hosts/host-words.ts'
import { UnboundMark } from '../hosts/unbound.tsx'

/** A certificate that was signed. It is no secret: without your private key it is worth nothing. */
export function IssuedCertificate(props: {
  host: Wire<'sshHost.get'>
  issued: Wire<'sshCertificate.sign'>
  onAgain: () => void
}): JSX.Element {
  const now = createNow()
  const login = (): string => partsOfRole(props.issued.role).account
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>{props.issued.role}</strong>
        <UnboundMark when={namesBareAccount(props.issued)} />
        <TimeLeft from={props.issued.validAfter} to={props.issued.validBefore} now={now} />
        <A href={`/access/leases/${props.issued.leaseId}`}>View lease</A>
      </div>
      <section class="stack-tight">
        <h2>1 · Save it next to your key as id_ed25519-cert.pub</h2>
        <CopyBlock text={props.issued.certificate} what="certificate" />
      </section>
      <section class="stack-tight">
        <h2>2 · Log in</h2>
        <CopyBlock text={`ssh -p ${props.host.port} ${login()}@${props.host.address}`} what="log-in command" />
      </section>
      <Facts
        of={[
          ['Opens', opensWords(props.issued.role)],
          ['Owner', props.issued.principalName],
          ['Purpose', props.issued.purpose],
          ['Valid until', <ExactMoment at={props.issued.validBefore} />],
          ['Allowed sources', <code>{props.issued.sourceAddresses.join(', ')}</code>],
          ['Serial', <code>{props.issued.serial}</code>],
        ]}
      />
      <div class="form-actions">
        <Button onClick={() => props.onAgain()}>Issue another</Button>
      </div>
    </div>
  )
}
