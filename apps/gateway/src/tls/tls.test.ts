import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { developmentPair } from './development-certificate.ts'
import { pairProblem, type Pair } from './pair.ts'
import { follower } from './served-pair.ts'

const day = 86_400_000
const now = new Date()
let home: string
let first: Pair
let second: Pair
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
  first = await developmentPair(home, { now, names: ['localhost', '127.0.0.1', '::1'] })
  second = await developmentPair(join(home, 'other'), { now, names: ['localhost', '127.0.0.1'] })
})
afterAll(() => rm(home, { recursive: true }))

describe('a development certificate', () => {
  test('is for this machine by name and address, and can be served', () => {
    const certificate = new X509Certificate(first.certificate)
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkHost('example.org')).toBeUndefined()
    expect(certificate.ca).toBe(false)
    expect(pairProblem(first, now)).toBeNull()
  })

  test('is kept, its key for nobody else to read', async () => {
    expect(await developmentPair(home, { now, names: ['localhost', '127.0.0.1', '::1'] })).toEqual(first)
    expect((await stat(join(home, 'tls', 'development.key'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(home, 'tls', 'development.crt'), 'utf8')).toBe(first.certificate)
  })

  test('is made again before it ends, and for another name', async () => {
    const directory = join(home, 'again')
    const old = await developmentPair(directory, { now, names: ['localhost'] })
    const renewed = await developmentPair(directory, { now: new Date(now.getTime() + 80 * day), names: ['localhost'] })
    expect(renewed.certificate).not.toBe(old.certificate)
    const more = await developmentPair(directory, {
      now: new Date(now.getTime() + 80 * day),
      names: ['box', 'localhost'],
    })
    expect(new X509Certificate(more.certificate).checkHost('box')).toBe('box')
  })
})

describe('a pair that can never be served is told by its key', () => {
  test.each<[string, () => Pair, RegExp]>([
    ['no certificate', () => ({ ...first, certificate: 'x' }), /^tls\.certificate: a certificate in PEM/],
    ['no key', () => ({ ...first, key: 'x' }), /^tls\.key: a private key in PEM/],
    ['the key of another one', () => ({ ...first, key: second.key }), /^tls\.key: the key of tls\.certificate/],
  ])('%s', (_what, pair, problem) => {
    expect(pairProblem(pair(), now)).toMatch(problem)
  })

  test('one that has ended', () => {
    expect(pairProblem(first, new Date(now.getTime() + 100 * day))).toMatch(/^tls\.certificate: one that is valid/)
  })
})

test('a new pair is served to new connections, old ones go on; a bad one changes nothing', async () => {
  const server = createServer({ cert: first.certificate, key: first.key }, (_request, response) => response.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const problems: string[] = []
  let onDisk: Pair = first
  const look = follower({
    first,
    read: () => Promise.resolve(onDisk),
    now: () => now,
    onChange: ({ certificate, key }) => server.setSecureContext({ cert: certificate, key }),
    onProblem: (problem) => problems.push(problem),
  })
  const standing = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  const answered = (): Promise<string> =>
    new Promise((resolve) => {
      standing.once('data', (data: Buffer) => resolve(data.toString()))
      standing.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })
  const shown = async (): Promise<string | undefined> => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()?.toString()
    socket.destroy()
    return certificate
  }
  const served = (pair: Pair): string => new X509Certificate(pair.certificate).toString()
  try {
    await once(standing, 'secureConnect')
    expect(await answered()).toContain('200 OK')
    onDisk = { certificate: second.certificate, key: first.key } // half of the new pair is there
    await look()
    await look()
    expect(problems).toHaveLength(1)
    expect(await shown()).toBe(served(first))
    onDisk = second
    await look()
    expect(await shown()).toBe(served(second))
    expect(await answered()).toContain('200 OK') // on the connection that stood
    expect(problems).toHaveLength(1)
  } finally {
    standing.destroy()
    server.close()
  }
})
