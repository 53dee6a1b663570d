import { createHash } from 'node:crypto'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import type { Authorities } from './authorities.ts'
import { readRevocationVersion, revokedSerials } from './ssh-certificate.queries.ts'
import { takenBackKeys } from './ssh-key.queries.ts'
import { buildRevocationList, formatPublicKey, parsePublicKeyLine } from './wire/index.ts'

/** The revocation list as bytes, with what a cache needs. */
export interface RevocationDocument {
  readonly version: number
  readonly body: Uint8Array<ArrayBuffer>
  readonly etag: string
  readonly lastModified: Date
  /** How many certificates it names. */
  readonly certificates: number
}

/** What hosts fetch, without credentials. */
export interface PublicDocuments {
  readonly caPublicKey: string
  readonly managementPublicKey: string
  revocationList(): Promise<RevocationDocument>
}

/** Hosts' clocks lag: a serial stays on the list for so long after its certificate's end. */
const keptAfterEndSeconds = 86_400

/** Ends of certificates make the list shorter without a new version; this often it is looked at again. */
const rebuiltEverySeconds = 60

/**
 * The public documents of our SSH side. The list is built once per version and minute: asking for it is open to anyone.
 */
export function createPublicDocuments({
  db,
  clock,
  authorities,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly authorities: Authorities
}): PublicDocuments {
  let cached: { readonly version: string; readonly builtAt: Date; readonly document: RevocationDocument } | null = null

  const build = async (version: string, changedAt: Date, now: Date): Promise<RevocationDocument> => {
    const serials = await revokedSerials(db, new Date(now.getTime() - keptAfterEndSeconds * 1000))
    const keys = await takenBackKeys(db, now)
    const body = new Uint8Array(
      buildRevocationList({
        version: BigInt(version),
        generatedAt: changedAt,
        comment: 'gatehouse',
        certificates: [{ caKey: authorities.ca.publicKey, serials: serials.map(BigInt) }],
        keys: keys.map(parsePublicKeyLine),
      }),
    )
    return {
      version: Number(version),
      body,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      lastModified: changedAt,
      certificates: serials.length,
    }
  }

  return {
    caPublicKey: formatPublicKey(authorities.ca.publicKey),
    managementPublicKey: formatPublicKey(authorities.management.publicKey),
    revocationList: async () => {
      const { version, changed_at: changedAt } = await readRevocationVersion(db)
      const now = clock.now()
      if (cached?.version === version && now.getTime() - cached.builtAt.getTime() < rebuiltEverySeconds * 1000)
        return cached.document
      const document = await build(version, changedAt, now)
      cached = { version, builtAt: now, document }
      return document
    },
  }
}
