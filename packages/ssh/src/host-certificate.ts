import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { requireUnlockedHost } from './locked-credential.ts'
import type { SshDeps } from './ssh-deps.ts'
import { keysOnceCertified, writeHostCertificate, type SshHostRow } from './ssh-host.queries.ts'
import { fingerprint, parsePublicKeyLine, randomSerial, signHostCertificate } from './wire/index.ts'

/** What a host's certificate is to say. */
export interface HostCertificateTerms {
  readonly names: readonly string[]
  readonly ttlSeconds: number
}

/**
 * Signs for the pinned key of a host and writes it down. Refuses where the key is another by now, and a locked host.
 */
export async function certifyHost(
  { authorities, clock, directory }: Pick<SshDeps, 'authorities' | 'clock' | 'directory'>,
  tx: Transaction,
  { host, terms: { names, ttlSeconds } }: { readonly host: SshHostRow; readonly terms: HostCertificateTerms },
): Promise<SshHostRow> {
  const now = clock.now()
  const signed = await signHostCertificate(
    {
      key: parsePublicKeyLine(host.host_key),
      serial: randomSerial(),
      keyId: `gatehouse host=${host.id} name=${host.name}`,
      sshPrincipals: names,
      now,
      validBefore: new Date(now.getTime() + ttlSeconds * 1000),
    },
    authorities.hostCa,
  )
  const row = await writeHostCertificate(tx, host, {
    certificate: signed.line,
    certified_names: [...names],
    certified_seconds: ttlSeconds,
    certified_from: new Date(Number(signed.validAfterSeconds) * 1000),
    certified_until: new Date(Number(signed.validBeforeSeconds) * 1000),
    former_keys: formerKeys(host.host_key, [...(await keysOnceCertified(tx, names)), ...host.former_keys]),
  })
  if (row === null) throw new Refusal('conflict', { hint: 'the host was changed just now' })
  await requireUnlockedHost({ directory }, tx, host.id)
  return row
}

/** A host that is made anew each week has more; the certificates of those before are over by then. */
const formerKeysMax = 20

/** Keys that are of no good for a host any more, the newest first, without the one that it has. */
export const formerKeys = (key: string, before: readonly string[]): string[] =>
  [...new Set(before)].filter((one) => one !== key).slice(0, formerKeysMax)

/** For what a host was certified, and until when; refuses one that was not. */
export function requireCertified(host: SshHostRow): { readonly terms: HostCertificateTerms; readonly until: Date } {
  const { certified_names: names, certified_seconds: ttlSeconds, certified_until: until } = host
  if (names === null || ttlSeconds === null || until === null)
    throw new Refusal('not-found', { hint: 'nobody has signed for this host: gatehouse ssh-host-certificate sign' })
  return { terms: { names, ttlSeconds }, until }
}

/** The certificate of a host as it leaves. */
export function toHostCertificate(host: SshHostRow): Output<'sshHostCertificate.sign'> {
  const { certificate, certified_names: names, certified_from: validAfter, certified_until: validBefore } = host
  if (certificate === null || names === null || validAfter === null || validBefore === null)
    throw new TypeError('a host that was certified has no certificate')
  return {
    hostId: host.id,
    host: host.name,
    names,
    fingerprint: fingerprint(parsePublicKeyLine(host.host_key)),
    validAfter,
    validBefore,
    certificate,
  }
}
