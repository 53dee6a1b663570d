import { randomUUID } from 'node:crypto'
import {
  parseUserPublicKey,
  randomSerial,
  signEd25519,
  signUserCertificate,
  type Ed25519KeyPair,
} from '@gatehouse/ssh/wire'

/** What the command line asks to be signed. */
export interface SigningWish {
  readonly publicKey: string
  readonly login: string
  readonly ttlSeconds: number
}

/** The answer to `sshCertificate.sign` from a control plane with this key, for hosts that take bare accounts. */
export const signedBy = async (ca: Ed25519KeyPair, { publicKey, login, ttlSeconds }: SigningWish) => {
  const now = new Date()
  const validBefore = new Date(now.getTime() + ttlSeconds * 1000)
  const request = {
    key: parseUserPublicKey(publicKey),
    serial: randomSerial(),
    keyId: 'test',
    sshPrincipals: [login],
    sourceAddresses: ['127.0.0.1'],
    extensions: ['permit-pty', 'permit-port-forwarding'] as const,
    now,
    validBefore,
  }
  const { line } = await signUserCertificate(request, {
    publicKey: ca.publicKey,
    sign: (data) => signEd25519(ca.privateKey, data),
  })
  return { id: 'cert1', leaseId: randomUUID(), certificate: line, validBefore: validBefore.toISOString() }
}
