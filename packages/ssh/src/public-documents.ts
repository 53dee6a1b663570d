import { createHash } from 'node:crypto'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { signingCa, trustedCas, type Authorities } from './authorities.ts'
import { readRevocationVersion, revokedCaKeys, revokedSerials } from './ssh-certificate.queries.ts'
import { takenBackKeys } from './ssh-key.queries.ts'
import { authorityKeysOf } from './vault-authority.queries.ts'
import { createVersionWatch, type Wait } from './version-watch.ts'
import {
  allowedSignersLine,
  buildRevocationList,
  formatPublicKey,
  parsePublicKeyLine,
  REVOCATION_LIST_NAMESPACE,
  signSshMessage,
  TRUSTED_CAS_HEAD,
  TRUSTED_CAS_HOST,
  TRUSTED_CAS_NAMESPACE,
} from './wire/index.ts'

/** The revocation list as bytes, with what a cache needs. */
export interface RevocationDocument {
  readonly version: number
  readonly body: Uint8Array<ArrayBuffer>
  /** Over the body, by the signer that hosts pin (PROTOCOL.sshsig). */
  readonly signature: Uint8Array
  readonly etag: string
  readonly lastModified: Date
  /** How many certificates it names. */
  readonly certificates: number
  /** Since which version hosts are to trust the CAs that they are to trust now. */
  readonly casVersion: number
}

/** The file of `TrustedUserCAKeys`, with its version in its first line. */
export interface TrustedCasDocument {
  readonly version: number
  readonly body: string
  /** Over the body, by the signer that hosts pin. */
  readonly signature: Uint8Array
}

/** What hosts fetch, without credentials. */
export interface PublicDocuments {
  /** Of the CA that signs people's certificates now. */
  caPublicKey(): Promise<string>
  /** Of all hosts, or of the one with this host key: that may have an authority of its own beside ours. */
  trustedCas(hostFingerprint: string | null): Promise<TrustedCasDocument>
  readonly hostCaPublicKey: string
  readonly listSignerPublicKey: string
  /** A file for `ssh-keygen -Y verify -f`. */
  readonly allowedSigners: string
  readonly managementPublicKey: string
  revocationList(): Promise<RevocationDocument>
  /** Answers when there is a newer list than this version, or when the wait is over. Never throws. */
  newerList(version: number, wait: Wait): Promise<void>
}

/** Hosts' clocks lag: a serial stays on the list for so long after its certificate's end. */
const keptAfterEndSeconds = 86_400

/** Ends of certificates make the list shorter without a new version; this often it is looked at again. */
const rebuiltEverySeconds = 60

interface PublicDocumentsDeps {
  readonly db: Store
  readonly clock: Clock
  readonly authorities: Authorities
}

/**
 * The public documents of our SSH side. The list is built once per version and minute, however many ask for it at once:
 * asking is open to anyone.
 */
export function createPublicDocuments(deps: PublicDocumentsDeps): PublicDocuments {
  const { db, clock, authorities } = deps
  let built: { readonly version: string; readonly at: Date; readonly document: Promise<RevocationDocument> } | null =
    null
  const watch = createVersionWatch(async () => Number((await readRevocationVersion(db)).version))

  return {
    caPublicKey: async () => formatPublicKey(signingCa(await authorities.cas(db)).publicKey),
    trustedCas: (hostFingerprint) => trustedCasDocument(deps, hostFingerprint),
    hostCaPublicKey: formatPublicKey(authorities.hostCa.publicKey),
    listSignerPublicKey: formatPublicKey(authorities.listSigner.publicKey),
    allowedSigners: allowedSignersLine(authorities.listSigner.publicKey),
    managementPublicKey: formatPublicKey(authorities.management.publicKey),
    revocationList: async () => {
      const { version, changed_at: changedAt, cas_version: casVersion } = await readRevocationVersion(db)
      const now = clock.now()
      if (built?.version === version && now.getTime() - built.at.getTime() < rebuiltEverySeconds * 1000)
        return built.document
      const mine = { version, at: now, document: build(deps, { version, changedAt, casVersion, now }) }
      built = mine
      // a failure is not kept: who asks next tries again
      mine.document.catch(() => (built = built === mine ? null : built))
      return mine.document
    },
    newerList: (version, wait) => watch.newerThan(version, wait),
  }
}

async function trustedCasDocument(
  { db, authorities }: PublicDocumentsDeps,
  hostFingerprint: string | null,
): Promise<TrustedCasDocument> {
  const { cas_version: version } = await readRevocationVersion(db)
  const ours = trustedCas(await authorities.cas(db)).map(({ publicKey }) => formatPublicKey(publicKey))
  const body = [
    `${TRUSTED_CAS_HEAD}${version}`,
    // one host's set is no other's: what another authority signs would be good there
    ...(hostFingerprint === null ? [] : [`${TRUSTED_CAS_HOST}${hostFingerprint}`]),
    ...ours,
    ...(hostFingerprint === null ? [] : await authorityKeysOf(db, hostFingerprint)),
    '',
  ].join('\n')
  const signature = await signSshMessage({ message: body, namespace: TRUSTED_CAS_NAMESPACE }, authorities.listSigner)
  return { version: Number(version), body, signature }
}

interface Building {
  readonly version: string
  readonly changedAt: Date
  readonly casVersion: string
  readonly now: Date
}

async function build(
  { db, authorities }: PublicDocumentsDeps,
  { version, changedAt, casVersion, now }: Building,
): Promise<RevocationDocument> {
  const stillListed = new Date(now.getTime() - keptAfterEndSeconds * 1000)
  const serials = await revokedSerials(db, stillListed)
  const keys = await takenBackKeys(db, now)
  const cas = await authorities.cas(db)
  const others = await revokedCaKeys(db, stillListed)
  // whatever a retired CA has signed is refused by its key
  const retired = cas.filter(({ stage }) => stage === 'retired').map(({ publicKey }) => publicKey)
  const body = new Uint8Array(
    buildRevocationList({
      version: BigInt(version),
      generatedAt: changedAt,
      comment: 'gatehouse',
      // each serial once, of whatever CA it is: by a twin that ours has signed a host is asked about it
      certificates: [...trustedCas(cas).map(({ publicKey }) => publicKey), ...others.map(parsePublicKeyLine)].map(
        (caKey) => ({ caKey, serials: serials.map(BigInt) }),
      ),
      keys: [...keys.map(parsePublicKeyLine), ...retired],
    }),
  )
  return {
    version: Number(version),
    body,
    signature: await signSshMessage({ message: body, namespace: REVOCATION_LIST_NAMESPACE }, authorities.listSigner),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
    lastModified: changedAt,
    certificates: serials.length,
    casVersion: Number(casVersion),
  }
}
