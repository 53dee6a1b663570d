import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { SelectField, TextField } from '../../ui/field.tsx'
import { givenList } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'

type Host = Wire<'sshHost.get'>

const dayOptions = [7, 30, 90, 365].map((days) => [String(days * 86_400), `${days} days`] as const)

interface CertifyHostProps {
  readonly host: Host
  readonly onChange: (host: Host) => void
  readonly onClose: () => void
}

/** Vouches for the pinned key by the host's names, to clients that trust the host CA. */
export function CertifyHost(props: CertifyHostProps): JSX.Element {
  return (
    <ActDialog
      name="sshHostCertificate.sign"
      title={`Sign the host key of ${props.host.name}`}
      verb="Sign"
      onClose={props.onClose}
      onDone={({ names, validBefore }) =>
        props.onChange({ ...props.host, certifiedNames: names, certifiedUntil: validBefore })
      }
      initial={{
        names: (props.host.certifiedNames ?? []).join(', '),
        purpose: '',
        ttlSeconds: dayOptions[1]?.[0] ?? '',
      }}
      input={({ names, purpose = '', ttlSeconds }) => ({
        host: props.host.id,
        names: givenList(names),
        purpose,
        ttlSeconds: Number(ttlSeconds),
      })}
      done={({ host }) => `Host key of ${host} signed. Run the setup on the host again.`}
      fields={(form) => (
        <>
          <TextField
            label="Names (optional)"
            hint="By which clients reach it, comma-separated. Default: its address and its name."
            autocomplete="off"
            spellcheck={false}
            value={form.values()['names']}
            problem={form.problem('names')}
            onText={form.set('names')}
          />
          <SelectField
            label="Valid for"
            hint="The host renews it by itself."
            value={form.values()['ttlSeconds'] ?? ''}
            options={dayOptions}
            problem={form.problem('ttlSeconds')}
            onText={form.set('ttlSeconds')}
          />
          <TextField
            label="Purpose"
            hint="Recorded in the audit log."
            autocomplete="off"
            value={form.values()['purpose']}
            problem={form.problem('purpose')}
            onText={form.set('purpose')}
          />
        </>
      )}
    >
      <p class="muted">
        Clients that trust the host CA then know {props.host.name} by these names without having seen it. Gatehouse
        contacts the host first.
      </p>
    </ActDialog>
  )
}
