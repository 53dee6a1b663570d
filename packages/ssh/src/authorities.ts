import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Store, Transaction } from '@gatehouse/database'
import type { Random, Sealer } from '@gatehouse/enforcement'
import {
  insertAuthority,
  readAuthorities,
  readAuthority,
  selectCas,
  whileMakingAuthorities,
  type SshAuthorityRow,
} from './ssh-authority.queries.ts'
import {
  authorityOf,
  formatPublicKey,
  generateEd25519,
  parsePublicKeyLine,
  type CertificateAuthority,
  type PublicKey,
} from './wire/index.ts'

/** A CA of people's certificates, and how far it has come. */
export interface Ca {
  readonly id: string
  readonly publicKey: PublicKey
  readonly stage: SshAuthorityRow['stage']
  readonly stagedAt: Date
}

/**
 * Our own SSH keys: the ones that hosts trust to sign certificates, the one that they trust to sign revocation lists,
 * and the one by which Gatehouse gets into hosts that trust no CA.
 */
export interface Authorities {
  /** All CAs of people's certificates, oldest first: asked each time, since another node may have rotated. */
  cas(db: Store): Promise<readonly Ca[]>
  /** The one that signs now, among the CAs as they have just been read; absent: they are read. */
  signer(db: Store, cas?: readonly Ca[]): Promise<CertificateAuthority>
  /** Makes another CA, which hosts come to trust before it signs. The lock on authorities is held. */
  makeNext(tx: Transaction): Promise<void>
  /** Clients trust it to say which key is a host's; it signs nobody in. */
  readonly hostCa: CertificateAuthority
  /** Not the CA: hosts pin it, so that a list stays one that they take when the CA is another. */
  readonly listSigner: CertificateAuthority
  readonly management: { readonly privateKey: KeyObject; readonly publicKey: PublicKey }
}

type Purpose = SshAuthorityRow['purpose']

const comments = {
  ca: 'gatehouse-user-ca',
  hostCa: 'gatehouse-host-ca',
  list: 'gatehouse-revocation-lists',
  management: 'gatehouse-management',
} as const satisfies Record<Purpose, string>

interface AuthoritiesDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly random: Random
}

/** Opens the keys, made once for all nodes. Their private halves lie sealed in the database. */
export function openAuthorities(deps: AuthoritiesDeps): Promise<Authorities> {
  const { db, sealer } = deps
  const signers = new Map<string, CertificateAuthority>()
  return whileMakingAuthorities(db, async (tx) => {
    const known = await readAuthorities(tx)
    const open = async (purpose: Purpose) =>
      opened(known.find((row) => row.purpose === purpose) ?? (await make(tx, deps, { purpose })), sealer)
    await open('ca')
    return {
      cas: async (store) => (await selectCas(store)).map(caOf),
      signer: async (store, cas) => {
        const { id } = signingCa(cas ?? (await selectCas(store)).map(caOf))
        const signer = signers.get(id) ?? signing(opened(await readAuthority(store, id), sealer))
        signers.set(id, signer)
        return signer
      },
      makeNext: async (store) => void (await make(store, deps, { purpose: 'ca', stage: 'next' })),
      hostCa: signing(await open('hostCa')),
      listSigner: signing(await open('list')),
      management: await open('management'),
    }
  })
}

/** The CA that signs. There always is one. */
export function signingCa(cas: readonly Ca[]): Ca {
  const ca = cas.find(({ stage }) => stage === 'current')
  if (ca === undefined) throw new TypeError('there is no CA that signs')
  return ca
}

/** The CAs that hosts are to trust. */
export const trustedCas = (cas: readonly Ca[]): readonly Ca[] => cas.filter(({ stage }) => stage !== 'retired')

const caOf = (row: Pick<SshAuthorityRow, 'id' | 'public_key' | 'stage' | 'staged_at'>): Ca => ({
  id: row.id,
  publicKey: parsePublicKeyLine(row.public_key),
  stage: row.stage,
  stagedAt: row.staged_at,
})

/** Fails where the two halves of its row are not of one key: no host would take what it signs. */
function signing({ publicKey, privateKey }: ReturnType<typeof opened>): CertificateAuthority {
  const authority = authorityOf(privateKey, publicKey.comment)
  if (!Buffer.from(authority.publicKey.blob).equals(publicKey.blob))
    throw new TypeError('the public key of an SSH authority in the database is not that of its private key')
  return authority
}

async function make(
  tx: Transaction,
  { random, sealer }: AuthoritiesDeps,
  { purpose, stage = 'current' }: { readonly purpose: Purpose; readonly stage?: SshAuthorityRow['stage'] },
): Promise<SshAuthorityRow> {
  const { privateKey, publicKey } = await generateEd25519(comments[purpose])
  const id = random.id()
  const sealed = sealer.seal(placeOf(id), privateKey.export({ format: 'der', type: 'pkcs8' }))
  const key = { public_key: formatPublicKey(publicKey), private_key: Buffer.from(sealed) }
  return insertAuthority(tx, { id, purpose, stage, ...key })
}

const opened = (row: SshAuthorityRow, sealer: Sealer) => ({
  publicKey: parsePublicKeyLine(row.public_key),
  privateKey: createPrivateKey({
    key: Buffer.from(sealer.unseal(placeOf(row.id), row.private_key)),
    format: 'der',
    type: 'pkcs8',
  }),
})

const placeOf = (id: string) => ({ table: 'ssh_authority', column: 'private_key', id })
