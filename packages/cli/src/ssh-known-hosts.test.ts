// Lines that end up in a file by which ssh trusts hosts: a server's word makes no pattern and no second line of them.
import { formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import { afterEach, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

let server: WireServer | null = null
afterEach(() => server?.close())

const knownHosts = async (hosts: readonly object[]) => {
  const key = formatPublicKey((await generateEd25519()).publicKey)
  server = await startWireServer(({ name }) => ({
    output:
      name === 'sshHost.list' ? { items: hosts, nextCursor: null } : { hostCaPublicKey: `${key} gatehouse-host-ca` },
  }))
  const ran = await run(['ssh', 'known-hosts'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' } })
  return { ...ran, key }
}

test('each host with a certificate has a line for its names, and for its port where it is another', async () => {
  const { code, out, key } = await knownHosts([
    { certifiedNames: ['db-1', '10.0.0.5'], port: 22, formerHostKeys: [] },
    { certifiedNames: null, port: 22, formerHostKeys: [] },
    { certifiedNames: ['web-1'], port: 2222, formerHostKeys: [] },
  ])
  expect([code, out]).toEqual([0, `@cert-authority db-1,10.0.0.5 ${key}\n@cert-authority web-1,[web-1]:2222 ${key}\n`])
})

test('keys that are its no more are refused, also where a certificate for one is alive', async () => {
  const former = formatPublicKey((await generateEd25519()).publicKey)
  const { out, key } = await knownHosts([{ certifiedNames: ['db-1'], port: 22, formerHostKeys: [`${former} old`] }])
  expect(out).toBe(`@revoked db-1 ${former}\n@cert-authority db-1 ${key}\n`)
})

test.each(['*', 'a\n* ssh-ed25519 AAAA', 'a,*', '!a'])('a name such as %j makes no line', async (name) => {
  const { code, out } = await knownHosts([{ certifiedNames: [name], port: 22, formerHostKeys: [] }])
  expect([code, out]).toEqual([1, ''])
})
