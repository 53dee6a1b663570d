import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import type { RevocableBackend } from '@gatehouse/secrets'
import { openSsh, type OpenSshDeps, type SshPorts } from './open-ssh.ts'
import { sshSchedules } from './schedules.ts'
import type { SshSettings } from './ssh-settings.ts'
import { loadSshCertificateSlice, loadSshHostSlice, loadSshKeySlice } from './ssh-slices.ts'

/** What SSH is opened with. */
export interface SshNeeds extends Omit<OpenSshDeps, 'settings'> {
  readonly settings: { readonly ssh: SshSettings }
}

/** SSH, as one value. */
export const sshDomain = {
  slices: { SshHost: loadSshHostSlice, SshKey: loadSshKeySlice, SshCertificate: loadSshCertificateSlice },
  parents: ['SshHost'],
  schedules: sshSchedules,
  tables: {
    ssh_host: { rows: 'kept', personal: [] },
    ssh_host_key: { rows: 'owner', personal: [] },
    ssh_key: { rows: 'kept', personal: ['source_addresses', 'public_key', 'fingerprint'] },
    ssh_certificate: {
      rows: 'kept',
      personal: ['key_id', 'source_addresses', 'public_key', 'fingerprint', 'certificate'],
    },
    ssh_otp: { rows: 'kept', personal: ['source_addresses'] },
    ssh_authority: { rows: 'kept', personal: [] },
    ssh_vault_authority: { rows: 'kept', personal: [] },
    ssh_host_lock: { rows: 'owner', personal: [] },
    ssh_krl: { rows: 'kept', personal: [] },
  },
  alerts: [],
  open: ({ settings: { ssh }, ...needs }) => openSsh({ ...needs, settings: ssh }),
} as const satisfies Domain<Store, Schema, SshNeeds, SshPorts, RevocableBackend>
