import { equalBytes } from './binary.ts'
import type { Certificate } from './certificate.ts'
import type { PublicKey } from './public-key.ts'
import { userCertificateOptions, type UserCertificateRequest } from './sign-certificate.ts'

/** An authority that is not ours says when its certificates begin and end by its own clock, which differs by less. */
const CLOCK_SECONDS_MAX = 60n

/** So far back others let their certificates begin, for hosts whose clocks lag. */
const BACKDATE_SECONDS_MAX = 600n

/** What an authority that is not ours was asked for; it gives the serial. */
export type AskedCertificate = Omit<UserCertificateRequest, 'serial'>

/**
 * What a certificate says that it was not asked to, in words; nothing where it says just what was asked. Whoever signs
 * for us decides nothing: one that is wider, longer or for somebody else is none.
 */
export const certificateDifferences = (
  certificate: Certificate,
  { asked, authority }: { readonly asked: AskedCertificate; readonly authority: PublicKey },
): readonly string[] => {
  const now = BigInt(Math.floor(asked.now.getTime() / 1000))
  const end = BigInt(Math.floor(asked.validBefore.getTime() / 1000))
  const { criticalOptions, extensions } = userCertificateOptions(asked)
  const wrong: Readonly<Record<string, boolean>> = {
    'the key that signed': !equalBytes(certificate.caKey.blob, authority.blob),
    'the key that it is for': !equalBytes(certificate.key.blob, asked.key.blob),
    kind: certificate.kind !== 'user',
    serial: certificate.serial === 0n,
    'key id': certificate.keyId !== asked.keyId,
    principals: !sameList(certificate.sshPrincipals, asked.sshPrincipals),
    beginning:
      certificate.validAfterSeconds > now + CLOCK_SECONDS_MAX ||
      certificate.validAfterSeconds < now - BACKDATE_SECONDS_MAX,
    end: certificate.validBeforeSeconds > end || certificate.validBeforeSeconds <= now,
    'critical options': !sameList(entriesOf(certificate.criticalOptions), entriesOf(criticalOptions)),
    extensions: !sameList(entriesOf(certificate.extensions), entriesOf(extensions)),
  }
  return Object.keys(wrong).filter((name) => wrong[name])
}

const entriesOf = (options: ReadonlyMap<string, string>): readonly string[] =>
  [...options].map(([name, value]) => `${name} ${value}`).toSorted()

const sameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index])
