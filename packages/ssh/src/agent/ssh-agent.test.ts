import { execFile } from 'node:child_process'
import { access, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateEd25519, signEd25519, verifySignature } from '../wire/ed25519.ts'
import { openReader, encodeString, concatBytes, encodeUint32 } from '../wire/binary.ts'
import { formatPublicKey } from '../wire/public-key.ts'
import { signUserCertificate } from '../wire/sign-certificate.ts'
import { answerAgentRequest, identityCount, newConnection, type AgentIdentity } from './agent-protocol.ts'
import { joinAgent } from './ask-agent.ts'
import { identityOf, withAgent } from './ssh-agent.ts'

const run = promisify(execFile)

test('ssh-add lists the one key, can add none, and finds nothing after the agent is closed', async () => {
  const { privateKey, publicKey } = await generateEd25519()
  const path = await withAgent({ privateKey }, async ({ socketPath, directory }) => {
    const env = { ...process.env, SSH_AUTH_SOCK: socketPath }
    expect((await run('ssh-add', ['-L'], { env })).stdout.trim()).toBe(`${formatPublicKey(publicKey)} gatehouse`)
    await expect(run('ssh-add', ['-D'], { env })).rejects.toThrow(/Failed to remove all identities/)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    return directory
  })
  await expect(access(path)).rejects.toThrow(/ENOENT/)
})

test('with a certificate, ssh-add shows the certificate and not the bare key', async () => {
  const [ca, { privateKey, publicKey }] = [await generateEd25519(), await generateEd25519()]
  const certificate = await signUserCertificate(
    {
      key: publicKey,
      serial: 1n,
      keyId: 'k',
      sshPrincipals: ['a'],
      sourceAddresses: ['::1'],
      extensions: [],
      now: new Date(1_000_000),
      validBefore: new Date(2_000_000),
    },
    { publicKey: ca.publicKey, sign: (data) => signEd25519(ca.privateKey, data) },
  )
  const listed = await withAgent(
    { privateKey, certificate },
    async ({ socketPath }) =>
      (await run('ssh-add', ['-L'], { env: { ...process.env, SSH_AUTH_SOCK: socketPath } })).stdout,
  )
  expect(listed.trim().split('\n')).toEqual([`${certificate.line} gatehouse`])
})

test('it signs for its own key only, and every other or damaged request fails', async () => {
  const [{ privateKey, publicKey }, other] = [await generateEd25519(), await generateEd25519()]
  const ask = askerOf([identityOf({ privateKey })])
  const answer = openReader(await ask(signRequest(publicKey.blob)))
  expect(answer.byte()).toBe(14)
  expect(verifySignature({ key: publicKey, data: Buffer.from('data'), signature: answer.string() })).toBe(true)
  const refusedRequests = [
    signRequest(other.publicKey.blob),
    Uint8Array.of(),
    Uint8Array.of(13),
    Uint8Array.of(11, 0),
    Uint8Array.of(17),
    Uint8Array.of(22),
    Uint8Array.of(27, 1, 2),
    concatBytes(Uint8Array.of(27), encodeString('session-bind@openssh.com'), encodeString('cut off')),
    concatBytes(Uint8Array.of(27), encodeString('query')),
  ]
  for (const request of refusedRequests) expect([...(await ask(request))]).toEqual([5])
})

test('a client that says where it is sees the key of that host, and through a forwarded agent none', async () => {
  const [a, b] = [await generateEd25519(), await generateEd25519()]
  const hosts = [await generateEd25519(), await generateEd25519()].map(({ publicKey }) => publicKey.blob)
  const identities = [a, b].map(({ privateKey }, index) => ({
    ...identityOf({ privateKey }),
    comment: `host ${index}`,
    hostKey: hosts[index] ?? Uint8Array.of(),
  }))
  const ask = askerOf(identities)
  expect(identityCount(await ask(Uint8Array.of(11)))).toBe(2)
  expect([...(await ask(bind(hosts[1] ?? Uint8Array.of(), 0)))]).toEqual([6])
  const listed = await ask(Uint8Array.of(11))
  expect(identityCount(listed)).toBe(1)
  expect(Buffer.from(listed).toString('latin1')).toContain('host 1')
  expect([...(await ask(signRequest(a.publicKey.blob)))]).toEqual([5])
  expect((await ask(signRequest(b.publicKey.blob)))[0]).toBe(14)
  await ask(bind(hosts[1] ?? Uint8Array.of(), 1))
  expect(identityCount(await ask(Uint8Array.of(11)))).toBe(0)
  await ask(bind(hosts[1] ?? Uint8Array.of(), 0))
  expect([...(await ask(signRequest(b.publicKey.blob)))], 'what is forwarded once stays so').toEqual([5])
})

test('an agent is joined while it has keys, and not where nobody listens', async () => {
  const { privateKey } = await generateEd25519()
  const path = await withAgent({ privateKey }, async ({ socketPath }) => {
    const joined = await joinAgent(socketPath)
    expect(joined).not.toBeNull()
    joined?.leave()
    await joined?.over
    return socketPath
  })
  expect(await joinAgent(path)).toBeNull()
})

/** One client after its first word: what it says counts for what it asks later. */
const askerOf = (identities: readonly AgentIdentity[]) => {
  let connection = newConnection
  return async (message: Uint8Array): Promise<Uint8Array> => {
    const source = { identities: () => Promise.resolve(identities) }
    const answered = await answerAgentRequest(message, { source, connection })
    connection = answered.connection
    return answered.message
  }
}
const signRequest = (blob: Uint8Array) =>
  concatBytes(Uint8Array.of(13), encodeString(blob), encodeString('data'), encodeUint32(0))
const bind = (hostKey: Uint8Array, forwarded: number) =>
  concatBytes(
    Uint8Array.of(27),
    encodeString('session-bind@openssh.com'),
    encodeString(hostKey),
    encodeString('session'),
    encodeString('signature'),
    Uint8Array.of(forwarded),
  )

test('a client that announces too long a message is hung up on, and the agent lives on', async () => {
  const { privateKey } = await generateEd25519()
  await withAgent({ privateKey }, async ({ socketPath }) => {
    const socket = connect(socketPath)
    socket.write(encodeUint32(0xffff_ffff))
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await run('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: socketPath } })).stdout).toContain(
      'ED25519',
    )
  })
})

test('a key that is not ed25519 is refused before anything listens', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await expect(withAgent({ privateKey }, async () => 'never')).rejects.toMatchObject({ code: 'unsupported' })
})
