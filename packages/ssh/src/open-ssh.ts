import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, DomainStatus, OpenDomain, Random, Sealer } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { Leases, RevocableBackend } from '@gatehouse/secrets'
import { createHosts } from './apply-host.ts'
import { openAuthorities } from './authorities.ts'
import { createPublicDocuments, type PublicDocuments } from './public-documents.ts'
import { sshCertificateBackend } from './ssh-certificate-backend.ts'
import { sshHandlers } from './ssh-handlers.ts'
import { certificateEraser } from './certificate-eraser.ts'
import { countHostsBehind, countUnreachableHosts } from './ssh-host.queries.ts'
import { sshKeyBackend } from './ssh-key-backend.ts'
import { sshOtpBackend } from './ssh-otp-backend.ts'
import type { SshSettings } from './ssh-settings.ts'

/** What the SSH side needs from outside. */
export interface OpenSshDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId' | 'findLock'>
  readonly random: Random
  readonly sealer: Sealer
  readonly settings: SshSettings
  readonly outbound: Outbound
}

/** What the SSH side asks of others, once all domains are open. */
export interface SshPorts {
  readonly leases: Leases
}

/** Opens our authorities (making them at the very first start) and wires what works with them. */
export async function openSsh(deps: OpenSshDeps) {
  const { db } = deps
  const authorities = await openAuthorities(deps)
  const hosts = createHosts({ ...deps, authorities })
  const keys = sshKeyBackend({ ...deps, hosts })
  const certificates = sshCertificateBackend({ ...deps, authorities })
  const otps = sshOtpBackend(deps)
  const documents = createPublicDocuments({ ...deps, authorities })
  return {
    documents,
    backends: { 'ssh-key': keys, 'ssh-certificate': certificates, 'ssh-otp': otps },
    handlers: ({ leases }: SshPorts) =>
      sshHandlers({ ...deps, leases, hosts, authorities, documents, keys, certificates, otps }),
    sweeps: () => [],
    eraser: () => certificateEraser,
    status: (now) => statusOf(db, now),
    figures: () => Promise.resolve({}),
  } satisfies OpenDomain<SshPorts, RevocableBackend> & { readonly documents: PublicDocuments }
}

/** The SSH side of Gatehouse in a running process. */
export type Ssh = Awaited<ReturnType<typeof openSsh>>

/** Hosts report every half minute; one that has not had the list of its time for so long misses revocations. */
const behindSecondsMax = 300

async function statusOf(db: Store, now: Date) {
  const unreachable = await countUnreachableHosts(db)
  const behind = await countHostsBehind(db, new Date(now.getTime() - behindSecondsMax * 1000))
  const parts = [
    unreachable === 0
      ? partOf('hosts', 'ok', 'all that were checked answer')
      : partOf('hosts', 'degraded', `${hostsOf(unreachable)} unreachable`),
    behind === 0
      ? partOf('revocation lists', 'ok', 'all hosts that report have the current list')
      : partOf('revocation lists', 'degraded', `${hostsOf(behind)} without the current list`),
  ]
  return { parts, facts: {} } satisfies DomainStatus
}

const partOf = (name: string, health: 'ok' | 'degraded', message: string) => ({ name, health, message })
const hostsOf = (count: number): string => `${count} host${count === 1 ? '' : 's'}`
