import { Refusal } from '@gatehouse/contract'
import { createJointWork, type Handler, type Permit } from '@gatehouse/enforcement'
import { leaseEnd, type LeaseTerms } from '@gatehouse/secrets'
import { located } from './contact.ts'
import { hostRefusal } from './host-refusal.ts'
import {
  decidedHostId,
  hostTerms,
  loginOn,
  refuseIfChanged,
  refuseOtherWorkspace,
  requireHost,
  requireKeySeen,
  sharedHostLook,
} from './issue-terms.ts'
import { createOtp } from './ssh-otp-text.ts'
import { insertOtps, type SshOtpRow } from './ssh-otp.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'

/** A password that is nobody's yet. */
interface Issuing {
  readonly permit: Permit<'sshOtp.issue'>
  readonly host: SshHostRow
  readonly terms: LeaseTerms
  readonly row: SshOtpRow
}

/** Makes a password for one log-in. It is in this answer and nowhere else; what is kept is its hash. */
export function issueSshOtp(deps: SshDeps): Handler<'sshOtp.issue'> {
  const write = createJointWork((all: readonly Issuing[]) => writeOtps(deps, all))
  const look = sharedHostLook((id) => readHost(deps.db, id))
  return async (permit) => {
    const { clock, random, otps, hosts, outbound } = deps
    const { ttlSeconds, workspace } = permit.input
    const host = requireHost(await look(decidedHostId(permit)))
    refuseOtherWorkspace(host, workspace, permit.slice?.workspace ?? null)
    const login = loginOn(host, permit.input.login)
    refuseWithoutPasswords(host)
    const expiresAt = leaseEnd({ ttlSeconds, limits: otps.limits, principal: permit.principal, now: clock.now() })
    await requireKeySeen(hosts, host)
    const address = await located(outbound, host).catch((error: unknown) => {
      throw hostRefusal(error)
    })
    const terms = hostTerms(host, { id: random.id(), backend: 'ssh-otp', login, permit, expiresAt })
    const { otp, hash } = createOtp(random)
    const createdAt = await write({ permit, host, terms, row: rowOf(host, { terms, login, address, hash }) })
    return {
      leaseId: terms.id,
      hostId: host.id,
      role: terms.role,
      user: login,
      address,
      port: host.port,
      sourceAddresses: host.source_addresses,
      createdAt,
      expiresAt,
      otp,
    }
  }
}

/** Leases, hashes and entries of one caller on one host, all of them or none. Answers when each was made. */
async function writeOtps({ change, leases }: SshDeps, all: readonly Issuing[]): Promise<readonly Date[]> {
  const written = await change.together(
    all.map(({ permit }) => permit),
    async (tx) => {
      await refuseIfChanged(
        tx,
        all.map(({ host, row }) => ({ host, login: row.user_name })),
      )
      const at = await leases.insertActive(
        tx,
        all.map(({ terms }) => terms),
      )
      await insertOtps(
        tx,
        all.map(({ row }) => row),
      )
      return all.map((one) => ({ ...one, at }))
    },
    ({ host, terms }) => ({
      resource: { type: 'Lease', id: terms.id },
      workspace: host.workspace_id,
      detail: { host: host.name, expiresAt: terms.expiresAt.toISOString() },
    }),
  )
  return written.map(({ at }) => at)
}

interface RowFacts {
  readonly terms: LeaseTerms
  readonly login: string
  readonly address: string
  readonly hash: Buffer
}

const rowOf = (host: SshHostRow, { terms, login, address, hash }: RowFacts): SshOtpRow => ({
  lease_id: terms.id,
  host_id: host.id,
  workspace_id: host.workspace_id,
  user_name: login,
  address,
  source_addresses: host.source_addresses,
  hash,
  state: 'active',
  expires_at: terms.expiresAt,
  ended_at: null,
})

function refuseWithoutPasswords(host: SshHostRow): void {
  if (host.otp_addresses.length > 0) return
  throw new Refusal('conflict', {
    hint:
      'this host takes no one-time passwords; it does once its registration says from where it asks about them: ' +
      `gatehouse ssh-host update ${host.name} --otp-addresses ADDRESS`,
  })
}
