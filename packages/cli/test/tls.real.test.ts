// Servers whose certificates this machine does not trust: what is wrong is said with what to do, and `GATEHOUSE_CA`
// does it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { builtPrograms } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { startWireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()
const directory = freshConfigHome()
const certificate = join(directory, 'server.crt')

let server: Server
let port = 0
beforeAll(async () => {
  const key = join(directory, 'server.key')
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate]
  const named = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=CA:FALSE']
  await promisify(execFile)('openssl', ['req', '-x509', ...made, ...named, '-days', '2'])
  server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ result: { data: { version: '1.2.3' } } }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port // listening on TCP
})
afterAll(() => void server.close())

const gatehouse = (url: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const home = { GATEHOUSE_CONFIG_HOME: directory, GATEHOUSE_URL: url }
    const options = { env: { ...process.env, ...home, ...env } }
    execFile(process.execPath, [bin, 'system', 'version', '--json'], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
  })

test('a certificate that nobody vouches for is refused, and the way to trust it is named', async () => {
  const { code, err } = await gatehouse(`https://localhost:${port}`)
  expect([code, JSON.parse(err).error]).toMatchObject([
    8,
    {
      message: expect.stringContaining('a certificate that this machine does not trust') as string,
      hint: expect.stringContaining('GATEHOUSE_CA=FILE') as string,
    },
  ])
})

test.each([['GATEHOUSE_CA'], ['NODE_EXTRA_CA_CERTS']])('%s trusts it, and its name still counts', async (variable) => {
  const env = { [variable]: certificate }
  expect(JSON.parse((await gatehouse(`https://localhost:${port}`, env)).out)).toEqual({ version: '1.2.3' })
  const { code, err } = await gatehouse(`https://127.0.0.1:${port}`, env)
  expect([code, err]).toEqual([8, expect.stringContaining('a certificate that was made for another name')])
})

test('a file that holds no certificate is said, and nothing is asked', async () => {
  const empty = join(directory, 'empty.pem')
  writeFileSync(empty, 'nothing\n')
  for (const ca of [empty, join(directory, 'nowhere.pem')]) {
    const { code, err } = await gatehouse(`https://localhost:${port}`, { GATEHOUSE_CA: ca })
    expect([code, err]).toEqual([1, expect.stringContaining(`GATEHOUSE_CA: `)])
    expect(err).toContain(ca)
  }
})

test('https where there is only http is told apart from a server that is down', async () => {
  const plain = await startWireServer(() => ({ output: {} }))
  const { code, err } = await gatehouse(plain.url.replace('http:', 'https:'))
  await plain.close()
  expect([code, err]).toEqual([8, expect.stringMatching(/does not speak TLS .*is its address http:/)])
})
