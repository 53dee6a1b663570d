import 'reflect-metadata' // the certificate library finds its parts through it
import { webcrypto } from 'node:crypto'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

/** A server's certificate that it signed itself, and the key to it; both as PEM. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate for one name, good for a day. Who is to trust it must be given it as its authority. */
export async function createSelfSigned(name: string): Promise<SelfSigned> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    },
    webcrypto as never, // Node's own WebCrypto, which the library's types know by the browser's name
  )
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { certificate: certificate.toString('pem'), key }
}
