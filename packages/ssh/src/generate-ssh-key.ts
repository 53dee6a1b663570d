import { invalidField, secret } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { leaseEnd } from '@gatehouse/secrets'
import { decidedHost, hostTerms, loginOn, refuseOtherWorkspace } from './issue-terms.ts'
import { canHoldKeysOf } from './managed-keys.ts'
import type { SshDeps } from './ssh-deps.ts'
import { insertKey } from './ssh-key.queries.ts'
import { toKey } from './ssh-view.ts'
import { fingerprint, parsePublicKeyLine } from './wire/index.ts'

/**
 * Makes a key pair under a lease. The private key is in this answer and nowhere else; the key opens nothing until it is
 * deployed.
 */
export const generateSshKey =
  ({ db, change, clock, random, leases, keys }: SshDeps): Handler<'sshKey.generate'> =>
  async (permit) => {
    const { ttlSeconds, workspace } = permit.input
    const host = await decidedHost(db, permit)
    refuseOtherWorkspace(host, workspace, permit.slice?.workspace ?? null)
    const login = loginOn(host, permit.input.login)
    if (!canHoldKeysOf(host, login))
      throw invalidField(
        'login',
        `\`${host.user_name}\`: the host's authorized keys path has no %u, so it holds keys of that account only`,
      )
    const now = clock.now()
    const expiresAt = leaseEnd({ ttlSeconds, limits: keys.limits, principal: permit.principal, now })
    const terms = hostTerms(host, { id: random.id(), backend: 'ssh-key', login, permit, expiresAt })

    await change.intent(
      permit,
      (tx) => leases.insertPending(tx, terms),
      () => ({ workspace: host.workspace_id, detail: { lease: terms.id } }),
    )
    const material = (await keys.issue(terms, {})).expose()
    const row = await change(
      permit,
      async (tx) => {
        const written = await insertKey(tx, {
          id: random.id(),
          lease_id: terms.id,
          host_id: host.id,
          workspace_id: host.workspace_id,
          user_name: login,
          public_key: material.publicKey,
          fingerprint: fingerprint(parsePublicKeyLine(material.publicKey)),
          source_addresses: host.source_addresses,
          state: 'generated',
          created_at: now,
          expires_at: expiresAt,
          deployed_at: null,
        })
        await leases.activate(tx, terms)
        return written
      },
      (written) => ({
        resource: { type: 'SshKey', id: written.id },
        workspace: host.workspace_id,
        detail: {
          lease: terms.id,
          host: host.name,
          // an account that a person named stands sealed with their input; the host's own is nobody's
          ...(permit.input.login === undefined ? { login } : {}),
          fingerprint: written.fingerprint,
        },
      }),
    )
    return { ...toKey(row), privateKey: secret(material.privateKey) }
  }
