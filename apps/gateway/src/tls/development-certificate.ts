import 'reflect-metadata' // the certificate library finds its parts through it
import { webcrypto, X509Certificate as NodeCertificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Pair } from './pair.ts'

/** As long as a browser takes any certificate; it is made again long before. */
const lifeDays = 90
const renewedDaysBefore = 14
const dayMilliseconds = 86_400_000

/** What a development certificate is good for: this machine under each of its names and addresses. */
export function namesOfThisMachine(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
  return [
    ...new Set(['localhost', hostname().toLowerCase(), ...addresses.map((one) => one.replace(/%.*$/, ''))]),
  ].sort()
}

/**
 * A certificate that this machine signs for itself, for trying things: browsers ask once whether to trust it. It is
 * kept, so that they ask once only, and made again when it nears its end or the machine has other names.
 */
export async function developmentPair(
  home: string,
  { now, names = namesOfThisMachine() }: { readonly now: Date; readonly names?: readonly string[] },
): Promise<Pair> {
  const directory = join(home, 'tls')
  const paths = { certificate: join(directory, 'development.crt'), key: join(directory, 'development.key') }
  const kept = await readPair(paths)
  if (kept !== null && isStillGood(kept.certificate, { now, names })) return kept
  const made = await makePair(names, now)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await replace(paths.key, made.key)
  await replace(paths.certificate, made.certificate)
  return made
}

async function readPair(paths: Pair): Promise<Pair | null> {
  try {
    return { certificate: await readFile(paths.certificate, 'utf8'), key: await readFile(paths.key, 'utf8') }
  } catch {
    return null // none yet; made below
  }
}

function isStillGood(pem: string, { now, names }: { now: Date; names: readonly string[] }): boolean {
  const certificate = new NodeCertificate(pem)
  const end = new Date(certificate.validTo).getTime() - renewedDaysBefore * dayMilliseconds
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
  return now.getTime() < end && names.every(covers)
}

/** The key is never to be read by others, not even for a moment. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function makePair(names: readonly string[], now: Date): Promise<Pair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Gatehouse development',
      notBefore: new Date(now.getTime() - dayMilliseconds),
      notAfter: new Date(now.getTime() + lifeDays * dayMilliseconds),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
        ),
      ],
    },
    webcrypto as never, // Node's own WebCrypto, which the library's types know by the browser's name
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') }
}
