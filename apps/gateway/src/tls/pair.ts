import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** A certificate with its chain, and its private key; PEM. */
export interface Pair {
  readonly certificate: string
  readonly key: string
}

/** What is wrong with a pair at `now`, in words for who has put it there; null: it can be served. */
export function pairProblem({ certificate, key }: Pair, now: Date): string | null {
  const leaf = attempt(() => new X509Certificate(certificate))
  if (leaf === null) return "tls.certificate: a certificate in PEM, the server's own first; this is none"
  const privateKey = attempt(() => createPrivateKey(key))
  if (privateKey === null) return 'tls.key: a private key in PEM without a passphrase; this is none'
  if (!leaf.checkPrivateKey(privateKey)) return 'tls.key: the key of tls.certificate; this is the key of another one'
  if (new Date(leaf.validTo) <= now) return `tls.certificate: one that is valid; this one has ended on ${leaf.validTo}`
  return attempt(() => createSecureContext({ cert: certificate, key })) === null
    ? 'tls.certificate: a chain that can be served; this one is broken'
    : null
}

function attempt<T>(make: () => T): T | null {
  try {
    return make()
  } catch {
    return null // the problem is said in our words, by the key of the setting
  }
}
