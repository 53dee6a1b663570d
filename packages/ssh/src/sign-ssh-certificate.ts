import { invalidField } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { nameOf } from '@gatehouse/enforcement'
import { leaseEnd } from '@gatehouse/secrets'
import { decidedHost, fieldOf, loginOn, refuseOtherWorkspace, requireKeySeen } from './issue-terms.ts'
import { sshPrincipalOn } from './host-credential.ts'
import { sameKey } from './contact.ts'
import type { Authorities } from './authorities.ts'
import { insertCertificate, type SshCertificateRow } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { toCertificate } from './ssh-view.ts'
import {
  fingerprint,
  formatPublicKey,
  isSecurityKey,
  parseUserPublicKey,
  type PublicKey,
  type SignedCertificate,
} from './wire/index.ts'

/**
 * Signs a caller's key. The lease, and with it the revocation, exists before the certificate does; the certificate
 * leaves after its serial is written down.
 */
export const signSshCertificate =
  ({ db, change, clock, random, leases, certificates, hosts, authorities }: SshDeps): Handler<'sshCertificate.sign'> =>
  async (permit) => {
    const { publicKey, purpose, ttlSeconds, workspace, verifyRequired } = permit.input
    const host = await decidedHost(db, permit)
    const principalName = nameOf(permit.principal) ?? permit.principal.id
    refuseOtherWorkspace(host, workspace, permit.slice?.workspace ?? null)
    const login = loginOn(host, permit.input.login)
    const key = fieldOf('publicKey', () => parseUserPublicKey(publicKey))
    await refuseOurOwn(db, key, authorities)
    refuseVain(key, verifyRequired)
    const expiresAt = leaseEnd({
      ttlSeconds,
      limits: certificates.limits,
      principal: permit.principal,
      now: clock.now(),
    })
    await requireKeySeen(hosts, host)
    const terms = {
      id: random.id(),
      backend: 'ssh-certificate',
      role: `${login}@${host.name}`,
      hostId: host.id,
      workspace: host.workspace_id,
      purpose,
      principal: permit.principal,
      expiresAt,
    } as const

    await change.intent(
      permit,
      (tx) => leases.insertPending(tx, terms),
      () => ({ workspace: host.workspace_id, detail: { lease: terms.id } }),
    )
    const signed = (
      await certificates.issue(terms, {
        key,
        sshPrincipal: sshPrincipalOn(host, login),
        sourceAddresses: host.source_addresses,
        verifyRequired,
        principalName,
        purpose,
      })
    ).expose()
    const row = await change(
      permit,
      async (tx) => {
        const written = await insertCertificate(
          tx,
          rowOf(signed, {
            id: random.id(),
            leaseId: terms.id,
            hostId: host.id,
            workspaceId: host.workspace_id,
            publicKey: formatPublicKey(key),
          }),
        )
        await leases.activate(tx, terms.id)
        return written
      },
      (written) => ({
        resource: { type: 'SshCertificate', id: written.id },
        workspace: host.workspace_id,
        detail: detailOf(written, { host: host.name, named: permit.input.login !== undefined }),
      }),
    )
    const told = { ...row, role: terms.role, principal_name: principalName, purpose }
    return { ...toCertificate(told, clock.now()), certificate: signed.line }
  }

/** Our own keys are nobody's: a certificate for one would let whoever may use it log in (threat A8). */
async function refuseOurOwn(db: Store, key: PublicKey, authorities: Authorities): Promise<void> {
  const cas = await authorities.cas(db)
  if ([...cas, authorities.management].some(({ publicKey }) => sameKey(key, publicKey)))
    throw invalidField('publicKey', "a key of your own; this is one of Gatehouse's")
}

/** sshd lets nobody in by a certificate that asks this of a key in a file. */
function refuseVain(key: PublicKey, verifyRequired: boolean): void {
  if (verifyRequired && !isSecurityKey(key))
    throw invalidField('verifyRequired', 'only with a key of an authenticator, such as ssh-keygen -t ed25519-sk makes')
}

/** An account that a person named stands sealed with their input: here only what the certificate is bound to. */
const detailOf = (row: SshCertificateRow, { host, named }: { readonly host: string; readonly named: boolean }) => ({
  lease: row.lease_id,
  host,
  serial: row.serial,
  sshPrincipals: named ? row.ssh_principals.map((name) => name.replace(/^[^@]*/, '')) : row.ssh_principals,
  sourceAddresses: row.source_addresses,
  validBefore: row.valid_before.toISOString(),
})

const rowOf = (
  signed: SignedCertificate,
  of: {
    readonly id: string
    readonly leaseId: string
    readonly hostId: string
    readonly workspaceId: string
    readonly publicKey: string
  },
) => ({
  id: of.id,
  lease_id: of.leaseId,
  host_id: of.hostId,
  workspace_id: of.workspaceId,
  serial: signed.serial.toString(),
  key_id: signed.keyId,
  ssh_principals: [...signed.sshPrincipals],
  source_addresses: (signed.criticalOptions.get('source-address') ?? '').split(','),
  public_key: of.publicKey,
  fingerprint: fingerprint(signed.key),
  certificate: signed.line,
  valid_after: new Date(Number(signed.validAfterSeconds) * 1000),
  valid_before: new Date(Number(signed.validBeforeSeconds) * 1000),
  state: 'active' as const,
  revoked_at: null,
})
