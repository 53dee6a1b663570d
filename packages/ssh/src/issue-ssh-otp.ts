import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { leaseEnd } from '@gatehouse/secrets'
import { located } from './contact.ts'
import { hostRefusal } from './host-refusal.ts'
import { decidedHost, loginOn, refuseOtherWorkspace, requireKeySeen } from './issue-terms.ts'
import { createOtp } from './ssh-otp-text.ts'
import { insertOtp } from './ssh-otp.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import type { SshHostRow } from './ssh-host.queries.ts'

/** Makes a password for one log-in. It is in this answer and nowhere else; what is kept is its hash. */
export const issueSshOtp =
  (deps: SshDeps): Handler<'sshOtp.issue'> =>
  async (permit) => {
    const { db, change, clock, random, leases, otps, hosts, outbound } = deps
    const { purpose, ttlSeconds, workspace } = permit.input
    const host = await decidedHost(db, permit)
    refuseOtherWorkspace(host, workspace, permit.slice?.workspace ?? null)
    const login = loginOn(host, permit.input.login)
    refuseWithoutPasswords(host)
    const expiresAt = leaseEnd({ ttlSeconds, limits: otps.limits, principal: permit.principal, now: clock.now() })
    await requireKeySeen(hosts, host)
    const address = await located(outbound, host).catch((error: unknown) => {
      throw hostRefusal(error)
    })
    const terms = {
      id: random.id(),
      backend: 'ssh-otp',
      role: `${login}@${host.name}`,
      hostId: host.id,
      workspace: host.workspace_id,
      purpose,
      principal: permit.principal,
      expiresAt,
    } as const
    const { otp, hash } = createOtp(random)
    const row = await change(
      permit,
      async (tx) => {
        const { issued_at } = await leases.insertPending(tx, terms)
        await insertOtp(tx, {
          lease_id: terms.id,
          host_id: host.id,
          workspace_id: host.workspace_id,
          user_name: login,
          address,
          source_addresses: host.source_addresses,
          hash,
          state: 'active',
          expires_at: expiresAt,
          ended_at: null,
        })
        await leases.activate(tx, terms.id)
        return { issued_at }
      },
      () => ({
        resource: { type: 'Lease', id: terms.id },
        workspace: host.workspace_id,
        detail: { host: host.name, expiresAt: expiresAt.toISOString() },
      }),
    )
    return {
      leaseId: terms.id,
      hostId: host.id,
      role: terms.role,
      user: login,
      address,
      port: host.port,
      sourceAddresses: host.source_addresses,
      createdAt: row.issued_at,
      expiresAt,
      otp,
    }
  }

function refuseWithoutPasswords(host: SshHostRow): void {
  if (host.otp_addresses.length > 0) return
  throw new Refusal('conflict', {
    hint:
      'this host takes no one-time passwords; it does once its registration says from where it asks about them: ' +
      `gatehouse ssh-host update ${host.name} --otp-addresses ADDRESS`,
  })
}
