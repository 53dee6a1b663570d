import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { CopyBlock } from '../../ui/copy.tsx'

type Host = Wire<'sshHost.get'>

const setupCommand = ({ name, access }: Pick<Host, 'name' | 'access'>): string =>
  access === 'ca'
    ? `npx --no-install gatehouse ssh-host setup --host ${name} > setup.sh`
    : `npx --no-install gatehouse ssh-host setup --host ${name} --access managementKey > setup.sh`

/**
 * How a registered host comes to trust Gatehouse. The script is made for this one host: it stops where the machine has
 * another key than the pinned one.
 */
export function HostSetup(props: { host: Host }): JSX.Element {
  return (
    <>
      <p class="muted">
        Create the setup script for this host, review it, then run it as root on the host. Run it again after you have
        re-pinned the host key.
      </p>
      <CopyBlock text={setupCommand(props.host)} what="setup command" />
      <Show when={props.host.access === 'ca'}>
        <p class="muted">
          The script trusts the Gatehouse CA, accepts certificates for this host only, and keeps the revocation list up
          to date.
        </p>
      </Show>
    </>
  )
}
