import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { behindOf, stepAfter, stepWords, type RotationStep } from './rotation.ts'

type Ca = Wire<'sshCa.get'>
type Host = Wire<'sshHost.get'>

const refreshedEveryMs = 30_000

/** As many as a list gives at once. */
const hostsMax = 200

/** The CA of people's certificates, its rotation, and which hosts follow. */
export default function Authority(): JSX.Element {
  const ca = createLoaded('sshCa.get', () => ({}), { everyMs: refreshedEveryMs })
  const hosts = createLoaded('sshHost.list', () => ({ first: hostsMax, sort: 'name' as const }), {
    everyMs: refreshedEveryMs,
  })
  return (
    <Page
      title="SSH authority"
      lead="Hosts trust this CA to sign certificates for people. Rotate it regularly, and when its key may have leaked."
    >
      <Answer of={ca}>
        {(found) => (
          <>
            <Rotation ca={found()} hosts={hosts.data()?.items ?? []} onChange={() => void ca.reload()} />
            <Keys ca={found()} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Rotation(props: { ca: Ca; hosts: readonly Host[]; onChange: () => void }): JSX.Element {
  const access = useAccess()
  const [step, setStep] = createSignal<RotationStep | null>(null)
  const next = (): RotationStep => stepAfter(props.ca)
  const behind = (): readonly Host[] => behindOf(props.hosts)
  return (
    <section class="card stack">
      <h2>{stepWords[next()].standing}</h2>
      <p class="muted">{stepWords[next()].meaning}</p>
      <Show when={next() !== 'begin' && behind().length > 0}>
        <Note tone="warn" title={`${counted(behind().length, 'host')} not ready`}>
          <ul>
            <For each={behind()}>
              {(host) => (
                <li>
                  <a href={`/access/hosts/${host.id}`}>{host.name}</a>
                </li>
              )}
            </For>
          </ul>
        </Note>
      </Show>
      <Acts
        of={[
          {
            label: stepWords[next()].act,
            look: next() === 'begin' ? 'primary' : 'danger',
            blocked: access.why('sshCa.rotate'),
            run: () => setStep(next()),
          },
        ]}
      />
      <Show when={step()}>
        {(asked) => (
          <RotateDialog
            step={asked()}
            behind={behind().length}
            onClose={() => setStep(null)}
            onChange={() => props.onChange()}
          />
        )}
      </Show>
    </section>
  )
}

function RotateDialog(props: {
  step: RotationStep
  behind: number
  onClose: () => void
  onChange: () => void
}): JSX.Element {
  const [withoutHosts, setWithoutHosts] = createSignal(false)
  const input = ({ reason = '' }: Readonly<Record<string, string>>): Raw<'sshCa.rotate'> => ({
    step: props.step,
    withoutHosts: withoutHosts(),
    reason,
  })
  return (
    <ActDialog
      name="sshCa.rotate"
      title={`${stepWords[props.step].act}?`}
      verb={stepWords[props.step].act}
      look={props.step === 'begin' ? 'primary' : 'danger'}
      initial={{ reason: '' }}
      input={input}
      done={() => stepWords[props.step].done}
      onDone={() => props.onChange()}
      onClose={() => props.onClose()}
      fields={() => (
        <Show when={props.step === 'switch' && props.behind > 0}>
          <label class="check">
            <input
              type="checkbox"
              checked={withoutHosts()}
              onChange={(event) => setWithoutHosts(event.currentTarget.checked)}
            />
            Do not wait for {counted(props.behind, 'host')}: certificates stop working there until the setup is run
            again
          </label>
        </Show>
      )}
    >
      <p>{stepWords[props.step].consequence}</p>
    </ActDialog>
  )
}

function Keys(props: { ca: Ca }): JSX.Element {
  const line = (text: string | null, what: string): JSX.Element =>
    text === null ? undefined : <CopyBlock text={text} what={what} />
  return (
    <section class="card stack">
      <h2>Public keys</h2>
      <Facts
        of={[
          ['Fingerprint', <code>{props.ca.caFingerprint}</code>],
          ['Current CA', line(props.ca.caPublicKey, 'public key of the current CA')],
          ['Next CA', line(props.ca.nextCaPublicKey, 'public key of the next CA')],
          ['Previous CA', line(props.ca.previousCaPublicKey, 'public key of the previous CA')],
          ['Host CA', line(props.ca.hostCaPublicKey, 'public key of the host CA')],
          ['Signs revocation lists', line(props.ca.listSignerPublicKey, 'public key of the signer')],
        ]}
      />
    </section>
  )
}
