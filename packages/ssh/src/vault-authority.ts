import { secret, type Secret } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Sealer } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { BackendError, reachService, serviceAddress, signSshKey, sshCaKey, type Vault } from '@gatehouse/secrets'
import { personExtensions } from './person-certificate.ts'
import { isSerialTaken, readVaultAuthority, type StandingAuthority } from './vault-authority.queries.ts'
import {
  certificateDifferences,
  formatCertificate,
  formatPublicKey,
  generateEd25519,
  parseCertificate,
  parsePublicKeyLine,
  SshWireError,
  userCertificateOptions,
  type AskedCertificate,
  type PublicKey,
  type SignedCertificate,
} from './wire/index.ts'

/** What asking an authority of others needs. It may take as long as a host may. */
export interface VaultAuthorityDeps {
  readonly db: Store
  readonly clock: Clock
  readonly outbound: Outbound
  readonly sealer: Sealer
  readonly settings: { readonly contactSeconds: number }
}

/** Its clock may be so far ahead of ours: less is asked for, so that nothing lives longer than its lease. */
const aheadSecondsMax = 30
/** Of a short life no more than this part is given up for that. */
const aheadShareMax = 0.1

const probeSeconds = 300

/** Where an authority is, and as whom it is asked. */
export interface AuthorityWay {
  readonly address: string
  readonly mount: string
  readonly role: string
  readonly certificate: string | null
  readonly token: Secret<string>
}

const tokenPlace = (id: string) => ({ table: 'ssh_vault_authority', column: 'token', id })

/** The token as it is kept. */
export const sealToken = (sealer: Sealer, id: string, token: Secret<string>): Buffer =>
  Buffer.from(sealer.seal(tokenPlace(id), Buffer.from(token.expose(), 'utf8')))

/** The way to one that is kept. */
export const wayOf = (
  { sealer }: Pick<VaultAuthorityDeps, 'sealer'>,
  { id, token, ...row }: StandingAuthority,
): AuthorityWay => ({ ...row, token: secret(Buffer.from(sealer.unseal(tokenPlace(id), token)).toString('utf8')) })

/**
 * Has an authority sign, and answers only what says just what it was asked to say. Throws `BackendError` for whatever
 * else comes, and where nothing comes in time.
 */
export const signByAuthority = (
  deps: VaultAuthorityDeps,
  row: StandingAuthority,
  asked: AskedCertificate,
): Promise<SignedCertificate> =>
  reachAuthority(deps, row, (way) => signedAsAsked(deps, openWay(deps, way, parsePublicKeyLine(row.public_key)), asked))

/**
 * Does something at an authority. While our token there is being replaced, or was replaced since the row was read, it
 * may take the other one: that is tried as well.
 */
export async function reachAuthority<T>(
  deps: VaultAuthorityDeps,
  row: StandingAuthority,
  call: (way: AuthorityWay) => Promise<T>,
): Promise<T> {
  try {
    return await call(wayOf(deps, row))
  } catch (error) {
    const isDenied = error instanceof BackendError && error.problem === 'denied'
    const now = isDenied ? await readVaultAuthority(deps.db, row.id) : null
    const other = now?.next_token ?? now?.token
    if (now === null || other === undefined || other.equals(row.token)) throw error
    return call(wayOf(deps, { ...now, token: other }))
  }
}

/**
 * Proves that an authority signs just what it is asked, by a CA of a kind that hosts take, and answers that CA. What it
 * signs for it is for a key that nobody has, an account and an address that there are not.
 */
export async function proveAuthority(deps: VaultAuthorityDeps, way: AuthorityWay): Promise<PublicKey> {
  const caLine = await sshCaKey(reached(deps, way), way.mount)
  const authority = readable('its CA', () => parsePublicKeyLine(caLine))
  if (authority.type !== 'ssh-ed25519')
    throw new BackendError(
      'unfit',
      `its CA is a key of type ${authority.type}, and hosts are set up to take what an Ed25519 key has signed: ` +
        `make one with ${way.mount}/config/ca generate_signing_key=true key_type=ed25519`,
    )
  const now = deps.clock.now()
  await signedAsAsked(deps, openWay(deps, way, authority), {
    key: (await generateEd25519()).publicKey,
    keyId: 'gatehouse purpose=probe',
    sshPrincipals: ['gatehouse-probe'],
    sourceAddresses: ['192.0.2.1/32'], // RFC 5737: nobody's
    verifyRequired: true, // by a key that is in a file: sshd lets nobody in
    extensions: personExtensions,
    now,
    validBefore: new Date(now.getTime() + probeSeconds * 1000),
  })
  return authority
}

interface OpenWay extends Pick<AuthorityWay, 'mount' | 'role'> {
  readonly vault: Vault
  readonly authority: PublicKey
}

const openWay = (deps: VaultAuthorityDeps, way: AuthorityWay, authority: PublicKey): OpenWay => ({
  ...way,
  vault: reached(deps, way),
  authority,
})

/** The Vault of an authority, asked as the holder of our token. */
export const reached = ({ outbound, settings }: VaultAuthorityDeps, way: AuthorityWay): Vault => ({
  service: reachService({
    outbound,
    address: serviceAddress(way.address),
    authority: way.certificate,
    secondsMax: settings.contactSeconds,
  }),
  token: way.token,
})

async function signedAsAsked(
  { db, clock }: VaultAuthorityDeps,
  { vault, mount, role, authority }: OpenWay,
  asked: AskedCertificate,
): Promise<SignedCertificate> {
  const { criticalOptions, extensions } = userCertificateOptions(asked)
  const line = await signSshKey(vault, {
    mount,
    role,
    body: {
      public_key: formatPublicKey({ ...asked.key, comment: '' }),
      cert_type: 'user',
      valid_principals: asked.sshPrincipals.join(','),
      ttl: `${ttlSecondsOf(asked, clock.now())}s`,
      key_id: asked.keyId,
      critical_options: Object.fromEntries(criticalOptions),
      extensions: Object.fromEntries(extensions),
    },
  })
  const certificate = readable('what it signed', () => parseCertificate(line))
  const differences = certificateDifferences(certificate, { asked, authority })
  if (differences.length > 0) throw new BackendError('unfit', differenceText(differences))
  // by its serial it is revoked: one that is another's would be revoked with that, or that with it
  if (await isSerialTaken(db, certificate.serial))
    throw new BackendError('unfit', 'it signed by a serial that another certificate has already')
  return { ...certificate, line: formatCertificate(certificate, asked.key.comment) }
}

function ttlSecondsOf({ validBefore }: AskedCertificate, now: Date): number {
  const seconds = Math.floor((validBefore.getTime() - now.getTime()) / 1000)
  return Math.max(1, seconds - Math.min(aheadSecondsMax, Math.floor(seconds * aheadShareMax)))
}

const differenceText = (differences: readonly string[]): string =>
  differences.includes('the key that signed')
    ? 'it signs by another CA than the one that hosts trust: if that was replaced there, ' +
      'configure the authority again (gatehouse ssh-authority configure)'
    : `what it signed is not what it was asked to sign (${differences.join(', ')}): ` +
      'see which options and extensions its role allows and adds'

/** Runs a parser of ours on what an authority said. */
function readable<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof SshWireError)) throw cause
    throw new BackendError('unfit', `${what} cannot be read: ${cause.message}`, { cause })
  }
}
