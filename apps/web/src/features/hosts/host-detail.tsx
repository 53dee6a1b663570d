import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { sentence } from '../../words.ts'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'
import { HostAdministration } from './host-acts.tsx'
import { HostMarks } from './host-marks.tsx'
import { accessWords, addressWords, otpWords } from './host-words.ts'
import { HostSetup } from './host-setup.tsx'
import { ListAge, ListNote } from './list-age.tsx'
import { UnboundNote } from './unbound.tsx'

type Host = Wire<'sshHost.get'>

/** One host: where it is, whose key is pinned, whether Gatehouse gets in. */
export default function HostDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('sshHost.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="SSH host" title={loaded.data()?.name ?? 'Host'} back="/access/hosts">
      <Answer of={loaded}>{(host) => <HostFacts host={host()} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

function HostFacts(props: { host: Host; onChange: (host: Host) => void }): JSX.Element {
  return (
    <>
      <div class="row">
        <HostMarks host={props.host} />
      </div>
      <Show when={props.host.reachable === false && props.host.lastError}>
        {(text) => (
          <Note tone="bad" title="The last check failed.">
            {sentence(text())}
          </Note>
        )}
      </Show>
      <ListNote host={props.host} />
      <HostActs host={props.host} onChange={props.onChange} />
      <Facts
        of={[
          ['Address', <code>{addressWords(props.host)}</code>],
          ['Account', <code>{props.host.user}</code>],
          ['Accounts for certificates', <code>{props.host.principals.join(', ')}</code>],
          ['Allowed sources', <code>{props.host.sourceAddresses.join(', ')}</code>],
          ['One-time passwords', otpWords(props.host)],
          ['Access by', accessWords[props.host.access]],
          ['Signed for by', props.host.authority ?? 'Gatehouse’s own CA'],
          [
            'Keys file',
            props.host.authorizedKeysPath === null ? undefined : <code>{props.host.authorizedKeysPath}</code>,
          ],
          ['Host key', <code>{props.host.hostKeyFingerprint}</code>],
          ['Key last seen', <ExactMoment at={props.host.keySeenAt} none="not yet" />],
          ['Revocation list', <ListAge host={props.host} />],
          ['Last report', <ExactMoment at={props.host.reportedAt} none="not yet" />],
          [
            'Host certificate',
            props.host.certifiedNames === null ? undefined : <code>{props.host.certifiedNames.join(', ')}</code>,
          ],
          [
            'Certified until',
            props.host.certifiedUntil === null ? undefined : <ExactMoment at={props.host.certifiedUntil} />,
          ],
          ['Last checked', <ExactMoment at={props.host.checkedAt} />],
          ['Registered', <ExactMoment at={props.host.createdAt} />],
          ['Workspace', <WorkspaceName id={props.host.workspace} />],
          ['ID', <code>{props.host.id}</code>],
        ]}
      />
      <PanelSection title="Connect">
        <CopyBlock text={`npx --no-install gatehouse ssh connect ${props.host.name}`} what="connect command" />
      </PanelSection>
      <HostExceptions host={props.host} />
      <PanelSection title="Host setup">
        <HostSetup host={props.host} />
      </PanelSection>
      <PanelSection title="Related">
        <p>
          <A href={`/access/leases?host=${encodeURIComponent(props.host.name)}`}>Leases for this host</A>
        </p>
        <p>
          <A href={`/access/revoke?host=${encodeURIComponent(props.host.name)}`}>Revoke all credentials for it</A>
        </p>
      </PanelSection>
      <HostAdministration host={props.host} onChange={props.onChange} />
    </>
  )
}

/** What is unusual about a host, and why. */
function HostExceptions(props: { host: Host }): JSX.Element {
  return (
    <>
      <UnboundNote when={props.host.unbound} />
      <Show when={props.host.contactWaiver}>
        {(reason) => (
          <Note tone="warn" title="The host key check was waived by an administrator.">
            Certificates are signed although Gatehouse has not seen the pinned key. Reason: {reason()}
          </Note>
        )}
      </Show>
    </>
  )
}

function HostActs(props: { host: Host; onChange: (host: Host) => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const check = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const host = await session.act('sshHost.check', { id: props.host.id })
      props.onChange(host)
      if (host.reachable === true) tell(`${host.name} is reachable and its host key matches.`)
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Acts
        of={[
          {
            label: 'Issue a credential',
            look: 'primary',
            href: `/access/issue?host=${encodeURIComponent(props.host.name)}`,
            blocked: access.whyNone(['sshKey.generate', 'sshCertificate.sign'], 'issue credentials'),
          },
          {
            label: busy() ? 'Checking …' : 'Check now',
            blocked: access.why('sshHost.check', props.host.workspace),
            run: () => void check(),
          },
        ]}
      />
    </>
  )
}
