import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { Answer } from '../answer/answer.tsx'

const trustLines = (origin: string): string =>
  [
    `curl -fsS ${origin}/ssh/ca.pub -o /etc/ssh/gatehouse-ca.pub`,
    `curl -fsS ${origin}/ssh/krl -o /etc/ssh/gatehouse.krl`,
    "printf 'TrustedUserCAKeys /etc/ssh/gatehouse-ca.pub\\nRevokedKeys /etc/ssh/gatehouse.krl\\n' > /etc/ssh/sshd_config.d/gatehouse.conf",
    'sshd -t && systemctl reload ssh',
  ].join('\n')

/**
 * What to do on a host so that it trusts Gatehouse. The terminal prints the same, with a timer that keeps the
 * revocation list fresh.
 */
export function HostSetup(props: { access: Wire<'sshHost.get'>['access'] }): JSX.Element {
  return (
    <Show when={props.access === 'ca'} fallback={<ManagementKey />}>
      <p class="muted">
        As root on the host, once. <code>npx --no-install gatehouse ssh-host setup</code> prints this with a timer that
        fetches the revocation list again and again; without it, revoked certificates work until they expire.
      </p>
      <CopyBlock text={trustLines(location.origin)} what="set-up commands" />
    </Show>
  )
}

function ManagementKey(): JSX.Element {
  const ca = createLoaded('sshCa.get', () => ({}))
  return (
    <Answer of={ca} lines={1}>
      {(keys) => (
        <>
          <p class="muted">
            Gatehouse writes keys by this key of its own: put the line into the user's authorized_keys.{' '}
            <code>npx --no-install gatehouse ssh-host setup</code> prints it with <code>restrict,from=</code> for your
            addresses.
          </p>
          <CopyBlock text={`restrict ${keys().managementPublicKey}`} what="management key" />
        </>
      )}
    </Answer>
  )
}
