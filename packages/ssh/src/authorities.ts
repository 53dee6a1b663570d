import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Store, Transaction } from '@gatehouse/database'
import type { Random, Sealer } from '@gatehouse/enforcement'
import {
  insertAuthority,
  readAuthorities,
  whileMakingAuthorities,
  type SshAuthorityRow,
} from './ssh-authority.queries.ts'
import {
  formatPublicKey,
  generateEd25519,
  parsePublicKeyLine,
  signEd25519,
  type CertificateAuthority,
  type PublicKey,
} from './wire/index.ts'

/**
 * Our own SSH keys: the one that hosts trust to sign certificates, the one that they trust to sign revocation lists,
 * and the one by which Gatehouse gets into hosts that trust no CA.
 */
export interface Authorities {
  readonly ca: CertificateAuthority
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

/** Opens the keys, made once for all nodes. Their private halves lie sealed in the database. */
export function openAuthorities({
  db,
  sealer,
  random,
}: {
  readonly db: Store
  readonly sealer: Sealer
  readonly random: Random
}): Promise<Authorities> {
  return whileMakingAuthorities(db, async (tx) => {
    const known = await readAuthorities(tx)
    const open = async (purpose: Purpose) =>
      opened(
        known.find((row) => row.purpose === purpose) ?? (await make(tx, { purpose, id: random.id(), sealer })),
        sealer,
      )
    return {
      ca: signing(await open('ca')),
      hostCa: signing(await open('hostCa')),
      listSigner: signing(await open('list')),
      management: await open('management'),
    }
  })
}

const signing = ({ publicKey, privateKey }: ReturnType<typeof opened>): CertificateAuthority => ({
  publicKey,
  sign: (data) => signEd25519(privateKey, data),
})

async function make(
  tx: Transaction,
  { purpose, id, sealer }: { readonly purpose: Purpose; readonly id: string; readonly sealer: Sealer },
): Promise<SshAuthorityRow> {
  const { privateKey, publicKey } = await generateEd25519(comments[purpose])
  const sealed = sealer.seal(placeOf(id), privateKey.export({ format: 'der', type: 'pkcs8' }))
  return insertAuthority(tx, { id, purpose, public_key: formatPublicKey(publicKey), private_key: Buffer.from(sealed) })
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
