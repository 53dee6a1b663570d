import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import { sshSchedules } from './schedules.ts'
import { loadSshCertificateSlice, loadSshHostSlice, loadSshKeySlice } from './ssh-slices.ts'

/** SSH, as one value. */
export const sshDomain = {
  slices: { SshHost: loadSshHostSlice, SshKey: loadSshKeySlice, SshCertificate: loadSshCertificateSlice },
  schedules: sshSchedules,
  tables: {
    ssh_host: { rows: 'kept', personal: [] },
    ssh_host_key: { rows: 'owner', personal: [] },
    ssh_key: { rows: 'kept', personal: ['source_addresses', 'public_key', 'fingerprint'] },
    ssh_certificate: {
      rows: 'kept',
      personal: ['key_id', 'source_addresses', 'public_key', 'fingerprint', 'certificate'],
    },
    ssh_authority: { rows: 'kept', personal: [] },
    ssh_host_lock: { rows: 'owner', personal: [] },
    ssh_krl: { rows: 'kept', personal: [] },
  },
} as const satisfies Domain<Store, Schema>
