import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'

/** A certificate that was signed. It is no secret: without your private key it is worth nothing. */
export function IssuedCertificate(props: {
  host: Wire<'sshHost.get'>
  issued: Wire<'sshCertificate.sign'>
  onAgain: () => void
}): JSX.Element {
  const now = createNow()
  const login = (): string => props.issued.sshPrincipals[0] ?? props.host.user
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>
          {login()}@{props.host.name}
        </strong>
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
          ['Serial', <code>{props.issued.serial}</code>],
          ['Key ID', <code>{props.issued.keyId}</code>],
          ['Allowed sources', <code>{props.issued.sourceAddresses.join(', ')}</code>],
        ]}
      />
      <div class="form-actions">
        <Button onClick={() => props.onAgain()}>Issue another</Button>
      </div>
    </div>
  )
}
