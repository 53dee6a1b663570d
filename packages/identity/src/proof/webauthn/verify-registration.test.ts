// What a registration brings along is looked at, never followed.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMaker } from '@gatehouse/testkit'
import { convertCertBufferToPEM, decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseRegistration } from './ceremony-response.ts'
import { verifyRegistration } from './verify-registration.ts'

const mfa = { webauthnRpId: 'example.org', webauthnOrigins: ['https://example.org'], webauthnAttestationRoots: [] }

/** The extension in which Android says for which challenge a key was made. */
const keyDescription = '1.3.6.1.4.1.11129.2.1.17'

let server: Server
let asked = 0
let url = ''
beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/crl` // a server that listens on TCP has one
})
afterAll(() => new Promise((resolve) => void server.close(resolve)))

// Threats A14 and B1: no outbound connection by what a stranger sends
test('a chain of certificates makes us call nobody, however well it is made', async () => {
  const { json } = await strangersAndroidKey()
  expect(
    await verifyRegistration({ mfa }, { ...parseRegistration('credential', json), requireUserVerification: false }),
  ).toBeNull()
  expect(asked).toBe(0)
})

test('the same chain is followed once its root is trusted: so it is the root that we look at first', async () => {
  const { json, root } = await strangersAndroidKey()
  expect(
    await verifyRegistration(
      { mfa: { ...mfa, webauthnAttestationRoots: [root] } },
      { ...parseRegistration('credential', json), requireUserVerification: false },
    ),
  ).toMatchObject({ attestationFormat: 'android-key', attested: true })
  expect(asked).toBe(1)
})

// Threat A14: a phone's own key may be made to sign anything, certificates too
test("a credential's certificate makes no others, however trusted its root, and nobody is called", async () => {
  const before = asked
  const { json, root } = await strangersAndroidKey('credential')
  expect(
    await verifyRegistration(
      { mfa: { ...mfa, webauthnAttestationRoots: [root] } },
      { ...parseRegistration('credential', json), requireUserVerification: false },
    ),
  ).toBeNull()
  expect(asked).toBe(before)
})

/** A registration that is right in everything but whose word it is. */
async function strangersAndroidKey(
  issuer: 'root' | 'credential' = 'root',
): Promise<{ json: Record<string, unknown>; root: string }> {
  const stranger = await createMaker('Stranger')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = Buffer.alloc(32, 7)
  const clientData = Buffer.from(
    JSON.stringify({ type: 'webauthn.create', challenge: 'AAAA', origin: 'https://example.org', crossOrigin: false }),
  )
  const clientDataHash = createHash('sha256').update(clientData).digest()
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const key = isoCBOR.encode(
    new Map<number, number | Uint8Array<ArrayBuffer>>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]),
  )
  const authData = Buffer.concat([
    createHash('sha256').update('example.org').digest(),
    Buffer.from('4500000000', 'hex'),
    Buffer.alloc(16),
    Buffer.from('0020', 'hex'),
    credentialId,
    key,
  ])
  const chain = await stranger.certify(publicKey, {
    extension: { id: keyDescription, value: descriptionFor(clientDataHash) },
    revocationUrl: url,
    issuer,
  })
  const attestationObject = isoCBOR.encode(
    new Map<string, unknown>([
      ['fmt', 'android-key'],
      ['authData', new Uint8Array(authData)],
      [
        'attStmt',
        new Map<string, unknown>([
          ['alg', -7],
          ['sig', new Uint8Array(sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey))],
          ['x5c', [...chain, stranger.rootCertificate]],
        ]),
      ],
    ]) as never,
  ) // the encoder's own type does not say that maps nest
  const id = credentialId.toString('base64url')
  return {
    json: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: Buffer.from(attestationObject).toString('base64url'),
      },
    },
    root: convertCertBufferToPEM(new Uint8Array(stranger.rootCertificate)),
  }
}

/** The extension of the specification's own vector, for another challenge. */
function descriptionFor(clientDataHash: Buffer): Buffer {
  const { vectors } = JSON.parse(
    readFileSync(new URL('../../../testdata/webauthn-level-3-vectors.json', import.meta.url), 'utf8'),
    // our own file
  ) as { vectors: { id: string; registration: { attestationObject: string; clientDataJSON: string } }[] }
  const vector = vectors.find(({ id }) => id === 'android-key-es256')
  if (vector === undefined) throw new TypeError('no such vector')
  const leaf = Buffer.from(
    decodeAttestationObject(new Uint8Array(Buffer.from(vector.registration.attestationObject, 'hex')))
      .get('attStmt')
      .get('x5c')?.[0] ?? [],
  )
  const challenge = createHash('sha256').update(Buffer.from(vector.registration.clientDataJSON, 'hex')).digest()
  // OID, then the OCTET STRING with the description in it
  const oid = Buffer.from('060a2b06010401d679020111', 'hex')
  const at = leaf.indexOf(oid) + oid.length
  const value = Buffer.from(leaf.subarray(at + 2, at + 2 + (leaf[at + 1] ?? 0)))
  clientDataHash.copy(value, value.indexOf(challenge))
  return value
}
