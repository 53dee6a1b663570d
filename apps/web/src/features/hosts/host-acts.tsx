import { useNavigate } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { useNotices } from '../../ui/notices.tsx'
import { Facts } from '../../ui/panel.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { CertifyHost } from './certify-host.tsx'
import { updateOf } from './host-update.ts'
import { accessOptions } from './host-words.ts'

type Host = Wire<'sshHost.get'>
type HostActName = 'update' | 'repin' | 'certify' | 'remove'

interface HostActProps {
  readonly host: Host
  readonly onChange: (host: Host) => void
  readonly onClose: () => void
}

/** Edits, re-pins and removes a host. */
export function HostAdministration(props: { host: Host; onChange: (host: Host) => void }): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<HostActName | null>(null)
  const shared = { onChange: (host: Host) => props.onChange(host), onClose: () => void setAct(null) }
  return (
    <>
      <Acts
        of={[
          { label: 'Edit', blocked: access.why('sshHost.update', props.host.workspace), run: () => setAct('update') },
          {
            label: 'Re-pin host key',
            blocked: access.why('sshHost.repin', props.host.workspace),
            run: () => setAct('repin'),
          },
          {
            label: props.host.certifiedNames === null ? 'Sign host key' : 'Sign host key again',
            blocked: access.why('sshHostCertificate.sign', props.host.workspace),
            run: () => setAct('certify'),
          },
          {
            label: 'Remove host',
            look: 'danger',
            blocked: access.why('sshHost.remove', props.host.workspace),
            run: () => setAct('remove'),
          },
        ]}
      />
      <Switch>
        <Match when={act() === 'update'}>
          <UpdateHost host={props.host} {...shared} />
        </Match>
        <Match when={act() === 'repin'}>
          <RepinHost host={props.host} {...shared} />
        </Match>
        <Match when={act() === 'certify'}>
          <CertifyHost host={props.host} {...shared} />
        </Match>
        <Match when={act() === 'remove'}>
          <RemoveHost host={props.host} onClose={shared.onClose} onRemoved={() => navigate('/access/hosts')} />
        </Match>
      </Switch>
    </>
  )
}

const fields = [
  ['name', 'Name'],
  ['address', 'Address'],
  ['port', 'Port'],
  ['user', 'Account'],
  ['principals', 'Accounts for certificates'],
  ['sourceAddresses', 'Allowed sources'],
  ['otpAddresses', 'One-time passwords are checked from (optional)'],
  ['authorizedKeysPath', 'Keys file (optional)'],
] as const

function UpdateHost(props: HostActProps): JSX.Element {
  const host = props.host
  return (
    <ActDialog
      name="sshHost.update"
      title={`Edit ${host.name}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{
        name: host.name,
        address: host.address,
        port: String(host.port),
        user: host.user,
        access: host.access,
        principals: host.principals.join(', '),
        sourceAddresses: host.sourceAddresses.join(', '),
        otpAddresses: host.otpAddresses.join(', '),
        authorizedKeysPath: host.authorizedKeysPath ?? '',
      }}
      input={(values) => updateOf(host, values)}
      done={({ name }) => `${name} saved.`}
      fields={(form) => (
        <>
          {fields.map(([field, label]) => (
            <TextField
              label={label}
              autocomplete="off"
              spellcheck={false}
              value={form.values()[field]}
              problem={form.problem(field)}
              onText={form.set(field)}
            />
          ))}
          <SelectField
            label="Access by"
            value={form.values()['access'] ?? host.access}
            options={accessOptions}
            problem={form.problem('access')}
            onText={form.set('access')}
          />
        </>
      )}
    >
      <p class="muted">
        When the address changes, Gatehouse checks the pinned host key at the new address before it signs certificates.
      </p>
    </ActDialog>
  )
}

/** Two steps: the pinned key and the one that the host shows side by side, then the new one is confirmed. */
function RepinHost(props: HostActProps): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const [compared, setCompared] = createSignal<Wire<'sshHost.repin'> | null>(null)
  const form = createForm({
    name: 'sshHost.repin',
    initial: { reason: '' },
    input: ({ reason = '' }): Raw<'sshHost.repin'> => ({
      id: props.host.id,
      reason,
      fingerprint: compared()?.shown.fingerprint,
    }),
    call: session.act,
  })
  const same = (): boolean => compared()?.pinned.fingerprint === compared()?.shown.fingerprint
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const answer = await form.send()
    if (answer === null) return
    if (!answer.repinned) return void setCompared(answer)
    props.onChange(answer.host)
    tell(`New host key pinned for ${answer.host.name}. Run the setup on the host again.`)
    props.onClose()
  }
  return (
    <Dialog open title={`Re-pin the host key of ${props.host.name}`} onClose={() => props.onClose()}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Show
          when={compared()}
          fallback={
            <p class="muted">
              Gatehouse contacts the host and shows the pinned key and the current key. Nothing changes until you
              confirm.
            </p>
          }
        >
          {(found) => <ComparedKeys found={found()} same={same()} />}
        </Show>
        <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
        <TextField
          label="Reason"
          hint="Recorded in the audit log."
          autocomplete="off"
          value={form.values()['reason']}
          problem={form.problem('reason')}
          onText={form.set('reason')}
        />
        <div class="form-actions">
          <Button
            type="submit"
            look={compared() === null ? 'primary' : 'danger'}
            busy={form.busy()}
            disabled={compared() !== null && same()}
          >
            {compared() === null ? 'Compare keys' : 'Pin new key'}
          </Button>
          <Button onClick={() => props.onClose()}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  )
}

function ComparedKeys(props: { found: Wire<'sshHost.repin'>; same: boolean }): JSX.Element {
  return (
    <>
      <Facts
        of={[
          ['Pinned key', <code>{props.found.pinned.fingerprint}</code>],
          ['Current key', <code>{props.found.shown.fingerprint}</code>],
        ]}
      />
      <Show
        when={!props.same}
        fallback={<Note tone="calm" title="The host still has the pinned key. There is nothing to change." />}
      >
        <Note tone="warn" title="Compare the current key with the one on the machine itself.">
          If they differ, someone may be intercepting the connection: do not pin it. Certificates for the old key stop
          working on this host.
        </Note>
      </Show>
    </>
  )
}

function RemoveHost(props: { host: Host; onClose: () => void; onRemoved: () => void }): JSX.Element {
  const [gone, setGone] = createSignal(false)
  return (
    <ActDialog
      name="sshHost.remove"
      title={`Remove ${props.host.name}?`}
      verb="Remove host"
      look="danger"
      typed={props.host.name}
      onClose={props.onClose}
      onDone={() => props.onRemoved()}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.host.id, reason, machineGone: gone() })}
      done={({ name, endedLeases }) =>
        endedLeases === 0 ? `${name} removed.` : `${name} removed; ${counted(endedLeases, 'lease')} ended.`
      }
      fields={() => (
        <label class="check">
          <input type="checkbox" checked={gone()} onChange={(event) => setGone(event.currentTarget.checked)} />
          The machine no longer exists, so its keys need not be removed first
        </label>
      )}
    >
      <p>
        Certificates for {props.host.name} are revoked now. Keys that are still deployed on it must be revoked first.
        This cannot be undone; you can register the machine again.
      </p>
    </ActDialog>
  )
}
