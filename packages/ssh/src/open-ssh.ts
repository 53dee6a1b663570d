import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, HandlersOf, Random, Sealer } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { Backends, Leases } from '@gatehouse/secrets'
import { createHosts } from './apply-host.ts'
import { openAuthorities } from './authorities.ts'
import { createPublicDocuments, type PublicDocuments } from './public-documents.ts'
import { sshCertificateBackend } from './ssh-certificate-backend.ts'
import { sshHandlers } from './ssh-handlers.ts'
import { sshKeyBackend } from './ssh-key-backend.ts'
import type { SshSettings } from './ssh-settings.ts'

/** What the SSH side needs from outside. */
export interface OpenSshDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly settings: SshSettings
  readonly outbound: Outbound
}

/** The SSH side of Gatehouse, for whoever composes a process. */
export interface Ssh {
  readonly backends: Backends
  readonly documents: PublicDocuments
  /** The operations; they need the engine of leases, which needs the backends first. */
  handlers(leases: Leases): HandlersOf<'sshHost' | 'sshKey' | 'sshCertificate' | 'sshCa' | 'sshKrl'>
}

/** Opens our authorities (making them at the very first start) and wires what works with them. */
export async function openSsh(deps: OpenSshDeps): Promise<Ssh> {
  const authorities = await openAuthorities(deps)
  const hosts = createHosts({ ...deps, authorities })
  const keys = sshKeyBackend({ ...deps, hosts })
  const certificates = sshCertificateBackend({ ...deps, authorities })
  const documents = createPublicDocuments({ ...deps, authorities })
  return {
    backends: { 'ssh-key': keys, 'ssh-certificate': certificates },
    documents,
    handlers: (leases) => sshHandlers({ ...deps, leases, hosts, authorities, documents, keys, certificates }),
  }
}
