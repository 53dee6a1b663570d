import { invalidField } from '@gatehouse/contract'
import { createJointWork, nameOf, type Handler, type Permit } from '@gatehouse/enforcement'
import { leaseEnd, type LeaseTerms } from '@gatehouse/secrets'
import {
  decidedHostId,
  fieldOf,
  hostTerms,
  loginOn,
  refuseIfChanged,
  refuseOtherWorkspace,
  requireHost,
  requireKeySeen,
  sharedHostLook,
} from './issue-terms.ts'
import { sshPrincipalOn } from './host-credential.ts'
import { sameKey } from './contact.ts'
import type { IssuedCertificate } from './certificate-signer.ts'
import { insertCertificates, type SshCertificateRow } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'
import { toCertificate } from './ssh-view.ts'
import { fingerprint, formatPublicKey, isSecurityKey, parseUserPublicKey, type PublicKey } from './wire/index.ts'

/** A certificate that was signed and is nobody's yet. */
interface Signing {
  readonly permit: Permit<'sshCertificate.sign'>
  readonly host: SshHostRow
  readonly login: string
  readonly terms: LeaseTerms
  readonly row: SshCertificateRow
  /** By name; null: our own CA. */
  readonly authority: string | null
}

/**
 * Signs a caller's key. What our own CA signs is known to this process alone until it is in the answer, and it is in
 * the answer once its lease and its serial are written down, with their entry: nothing is left where that fails. An
 * authority of others knows what it signed, and has nobody to give it to who holds the key.
 */
export function signSshCertificate(deps: SshDeps): Handler<'sshCertificate.sign'> {
  const write = createJointWork((all: readonly Signing[]) => writeCertificates(deps, all))
  const look = sharedHostLook(async (id) => ({
    row: await readHost(deps.db, id),
    cas: await deps.authorities.cas(deps.db),
  }))
  return async (permit) => {
    const { clock, random, certificates, hosts, authorities } = deps
    const { publicKey, purpose, ttlSeconds, workspace, verifyRequired } = permit.input
    const { row: found, cas } = await look(decidedHostId(permit))
    const host = requireHost(found)
    const principalName = nameOf(permit.principal) ?? permit.principal.id
    refuseOtherWorkspace(host, workspace, permit.slice?.workspace ?? null)
    const login = loginOn(host, permit.input.login)
    const key = fieldOf('publicKey', () => parseUserPublicKey(publicKey))
    refuseOurOwn(key, [...cas, authorities.management])
    refuseVain(key, verifyRequired)
    const now = clock.now()
    const expiresAt = leaseEnd({ ttlSeconds, limits: certificates.limits, principal: permit.principal, now })
    await requireKeySeen(hosts, host)
    const terms = {
      ...hostTerms(host, { id: random.id(), backend: 'ssh-certificate', login, permit, expiresAt }),
      key: fingerprint(key),
    }
    const { source_addresses: sourceAddresses } = host
    const sshPrincipal = sshPrincipalOn(host, login)
    const wish = { place: { host, cas }, key, sshPrincipal, sourceAddresses, verifyRequired, principalName, purpose }
    // another authority is outside: that it is asked stands in the audit log before it is
    if (host.authority_id !== null)
      await deps.change.intent(
        permit,
        () => Promise.resolve(),
        () => intentOf(host, terms),
      )
    const signed = (await certificates.issue(terms, wish)).expose()
    const row = rowOf(signed, { id: random.id(), leaseId: terms.id, host, publicKey: formatPublicKey(key) })
    const authority = signed.signedBy?.name ?? null
    await write({ permit, host, login, terms, row, authority })
    const told = { ...row, role: terms.role, principal_name: principalName, purpose, authority_name: authority }
    return { ...toCertificate(told, clock.now()), certificate: signed.line }
  }
}

const intentOf = (host: SshHostRow, { id }: LeaseTerms) => ({ workspace: host.workspace_id, detail: { lease: id } })

/** Leases, certificates and entries of one caller on one host, all of them or none. */
const writeCertificates = ({ change, leases }: SshDeps, all: readonly Signing[]): Promise<readonly Signing[]> =>
  change.together(
    all.map(({ permit }) => permit),
    async (tx) => {
      await refuseIfChanged(tx, all)
      await leases.insertActive(
        tx,
        all.map(({ terms }) => terms),
      )
      await insertCertificates(
        tx,
        all.map(({ row }) => row),
      )
      return all
    },
    ({ permit, host, row, authority }) => ({
      resource: { type: 'SshCertificate', id: row.id },
      workspace: host.workspace_id,
      detail: detailOf(row, { host: host.name, authority, named: permit.input.login !== undefined }),
    }),
  )

/** Our own keys are nobody's: a certificate for one would let whoever may use it log in (threat A8). */
function refuseOurOwn(key: PublicKey, own: readonly { readonly publicKey: PublicKey }[]): void {
  if (own.some(({ publicKey }) => sameKey(key, publicKey)))
    throw invalidField('publicKey', "a key of your own; this is one of Gatehouse's")
}

/** sshd lets nobody in by a certificate that asks this of a key in a file. */
function refuseVain(key: PublicKey, verifyRequired: boolean): void {
  if (verifyRequired && !isSecurityKey(key))
    throw invalidField('verifyRequired', 'only with a key of an authenticator, such as ssh-keygen -t ed25519-sk makes')
}

/** An account that a person named stands sealed with their input: here only what the certificate is bound to. */
const detailOf = (
  row: SshCertificateRow,
  { host, authority, named }: { readonly host: string; readonly authority: string | null; readonly named: boolean },
) => ({
  lease: row.lease_id,
  host,
  authority,
  serial: row.serial,
  sshPrincipals: named ? row.ssh_principals.map((name) => name.replace(/^[^@]*/, '')) : row.ssh_principals,
  sourceAddresses: row.source_addresses,
  validBefore: row.valid_before.toISOString(),
})

interface RowFacts {
  readonly id: string
  readonly leaseId: string
  readonly host: SshHostRow
  readonly publicKey: string
}

const rowOf = (signed: IssuedCertificate, { id, leaseId, host, publicKey }: RowFacts): SshCertificateRow => ({
  id,
  lease_id: leaseId,
  host_id: host.id,
  workspace_id: host.workspace_id,
  serial: signed.serial.toString(),
  key_id: signed.keyId,
  ssh_principals: [...signed.sshPrincipals],
  source_addresses: (signed.criticalOptions.get('source-address') ?? '').split(','),
  public_key: publicKey,
  fingerprint: fingerprint(signed.key),
  certificate: signed.line,
  valid_after: new Date(Number(signed.validAfterSeconds) * 1000),
  valid_before: new Date(Number(signed.validBeforeSeconds) * 1000),
  state: 'active',
  revoked_at: null,
  authority_id: signed.signedBy?.id ?? null,
  ca_key: signed.signedBy?.public_key ?? null,
})
