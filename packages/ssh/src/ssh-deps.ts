import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Random, Sealer } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { Leases } from '@gatehouse/secrets'
import type { Hosts } from './apply-host.ts'
import type { Authorities } from './authorities.ts'
import type { PublicDocuments } from './public-documents.ts'
import type { sshCertificateBackend } from './ssh-certificate-backend.ts'
import type { sshKeyBackend } from './ssh-key-backend.ts'
import type { sshOtpBackend } from './ssh-otp-backend.ts'
import type { SshSettings } from './ssh-settings.ts'

/** What the operations on hosts, keys and certificates need. */
export interface SshDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId' | 'findLock'>
  readonly random: Random
  readonly leases: Leases
  readonly hosts: Hosts
  readonly authorities: Authorities
  readonly documents: PublicDocuments
  readonly keys: ReturnType<typeof sshKeyBackend>
  readonly certificates: ReturnType<typeof sshCertificateBackend>
  readonly otps: ReturnType<typeof sshOtpBackend>
  readonly settings: SshSettings
  readonly sealer: Sealer
  readonly outbound: Outbound
}
