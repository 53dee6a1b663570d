import { TLSSocket } from 'node:tls'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { BackendName } from '@gatehouse/contract'
import { createSelfSigned, withConnection } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loginsIn,
  worksAsLogin,
  startNode,
  startTarget,
  type SecretsNode,
  type TargetServer,
} from './secrets-system.ts'

let node: SecretsNode
let target: TargetServer
const servers = new Set<Server>()
const sockets = new Set<Socket>()
beforeAll(async () => {
  node = await startNode(undefined, { seconds: { call: 5, find: 5, revoke: 5 } })
  target = await startTarget()
  await node.calls.call('secretBackend.configure', { name: 'shop-db', postgres: { url: target.url } })
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
  await node.close()
  await target.drop()
})

const serving = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    onSocket(socket)
  })
  servers.add(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // listening on TCP
}

const urlWith = (change: (url: URL) => void): string => {
  const url = new URL(target.url)
  change(url)
  return url.href
}
const configured = (url: string, authority?: string) =>
  node.calls.refusal('secretBackend.configure', {
    name: 'another',
    postgres: { url, ...(authority === undefined ? {} : { authority }) },
  })
const wordsOf = (refusal: Awaited<ReturnType<typeof configured>>): string =>
  [refusal.code, refusal.details.hint, ...(refusal.details.fields ?? []).map(({ message }) => message)].join(' ')

describe('a backend that is configured', () => {
  test.each([
    ['nothing', 'invalid-input'],
    ['https://gatehouse:x@127.0.0.1/shop', 'postgresql://'],
    ['postgresql://127.0.0.1/shop', 'user name and a password'],
    ['postgresql://gatehouse:x@127.0.0.1/', 'name of a database'],
    ['postgresql://gatehouse:x@127.0.0.1/shop?host=/var/run/postgresql', 'sslmode'],
    ['postgresql://gatehouse:x@127.0.0.1/shop?sslmode=require', 'verify-full'],
    ['postgresql://gatehouse:x@one.example,two.example/shop', 'names no host'],
    ['postgresql://gatehouse:x@127.1/shop', 'names no host'],
    ['postgresql://gatehouse:x@127.0.0.1/shop#x', '%23'],
    ['postgresql://gatehouse:%ff@127.0.0.1/shop', '%'],
    ['postgresql://gatehouse:x@127.0.0.1/shop%00', '%00'],
    ['postgresql://gatehouse:x@169.254.169.254/shop', 'metadata'],
    ['postgresql://gatehouse:x@0.0.0.0/shop', 'loopback'],
    ['postgresql://gatehouse:x@nowhere.invalid/shop', 'no address'],
    ['postgresql://gatehouse:x@10.0.0.5/shop?sslmode=disable', 'without TLS'],
  ])('%s is not taken, and said why without what is in it', async (url, said) => {
    const words = wordsOf(await configured(url))
    expect(words).toContain(said)
    expect(words).not.toContain(':x@')
  })

  // Who is logged in as may be called whatever a server takes: it is shown in lists, and stands in the audit log.
  test('is shown with nothing that steers or hides, whatever our login there is called', async () => {
    const name = `gh\u202e_${target.mark}`
    await target.asSuperuser((client) => client.query(`create role "${name}" login createrole password 'x'`))
    const url = urlWith((one) => Object.assign(one, { username: name, password: 'x' }))
    const { shown } = await node.calls.call('secretBackend.configure', { name: 'hidden', postgres: { url } })
    expect(shown).toContain(`gh\ufffd_${target.mark}@`)
    await node.calls.call('secretBackend.remove', { id: 'hidden', reason: 'seen' })
  })

  // `lease revoke-many --backend vault` would end the leases of all backends of the kind with those of this one.
  test('has no name that stands for a kind of backend', async () => {
    for (const name of BackendName.options) {
      const refusal = await node.calls.refusal('secretBackend.configure', { name, postgres: { url: target.url } })
      expect(refusal.details.fields, name).toMatchObject([{ path: 'name' }])
    }
  })

  test('is tried first: what does not let us in, or lets us do nothing, is not kept', async () => {
    expect(wordsOf(await configured(urlWith((url) => (url.password = 'wrong'))))).toMatch(/invalid-input.*28P01/)
    expect(wordsOf(await configured(urlWith((url) => (url.pathname = '/missing'))))).toMatch(/invalid-input.*3D000/)
    const weak = `weak_${target.mark}`
    await target.asSuperuser((client) => client.query(`create role ${weak} login password 'x'`))
    const asWeak = urlWith((url) => Object.assign(url, { username: weak, password: 'x' }))
    expect(wordsOf(await configured(asWeak))).toContain('may not make logins')
    expect((await node.calls.call('secretBackend.list', {})).items.map(({ name }) => name)).toEqual(['shop-db'])
  })

  test('is never the database of Gatehouse itself, by whatever login and name', async () => {
    const own = new URL(node.process.node.url)
    const asSuperuser = new URL(target.database.adminUrl)
    asSuperuser.pathname = own.pathname
    expect(wordsOf(await configured(asSuperuser.href))).toContain('Gatehouse itself')
    asSuperuser.hostname = 'db.example'
    expect(wordsOf(await configured(asSuperuser.href))).toContain('Gatehouse itself')
  })

  test('that says nothing, says nonsense, or never ends is left in time', async () => {
    const at = (port: number) => configured(urlWith((url) => (url.port = String(port))))
    const silent = await serving(() => undefined)
    expect(wordsOf(await at(silent))).toMatch(/unavailable.*within 5 s/)
    const nonsense = await serving((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect((await at(nonsense)).code).toBe('unavailable')
    const endless = await serving((socket) => {
      const head = Buffer.from([0x53, 0x7f, 0xff, 0xff, 0xff]) // a message that says to be 2 GiB long
      socket.write(head)
      const pour = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(1 << 16)));
      }
      socket.on('drain', pour)
      pour()
    })
    expect((await at(endless)).code).toMatch(/unavailable|invalid-input/)
    const closed = await serving((socket) => socket.destroy())
    expect((await at(closed)).code).toBe('unavailable')
  })

  test('is trusted by its certificate for its name alone', async () => {
    const own = await createSelfSigned('db.example')
    const port = await serving((socket) =>
      socket.once('data', () => {
        socket.write('S')
        const plain = connect(Number(new URL(target.url).port), '127.0.0.1')
        const secure = new TLSSocket(socket, { isServer: true, cert: own.certificate, key: own.key })
        for (const one of [plain, secure]) one.on('error', () => undefined)
        sockets.add(plain)
        secure.pipe(plain).pipe(secure)
      }),
    )
    const at = (host: string) =>
      urlWith((url) => Object.assign(url, { hostname: host, port: String(port), search: '?sslmode=verify-full' }))
    expect(wordsOf(await configured(at('db.example')))).toContain('not trusted')
    expect(wordsOf(await configured(at('other.example'), own.certificate))).toContain('not trusted')
    const backend = await node.calls.call('secretBackend.configure', {
      name: 'by-tls',
      postgres: { url: at('db.example'), authority: own.certificate },
    })
    expect(backend.shown).toContain(`@db.example:${port}/`)
    await node.calls.call('secretBackend.remove', { id: 'by-tls', reason: 'tested' })
  })
})

describe('a role', () => {
  const created = (grants: string[], more: object = {}) =>
    node.calls.refusal('secretRole.create', { name: 'evil', backend: 'shop-db', postgres: { grants }, ...more })
  const make = async (name: string, terms: string): Promise<string> => {
    const own = `${name}_${target.mark}`
    const admin = new URL(target.url).username
    await target.asSuperuser(async (client) => {
      await client.query(`create role ${own} ${terms}`)
      await client.query(`grant ${own} to ${admin} with admin option`)
    })
    return own
  }

  test.each([
    ['root', 'superuser', 'superuser'],
    ['maker', 'createrole', 'makes roles'],
    ['mirror', 'replication', 'replicates'],
    ['above', 'bypassrls', 'row security'],
    ['reader', 'in role pg_read_server_files', 'server itself'],
    ['writer', 'in role pg_write_server_files', 'server itself'],
    ['runner', 'in role pg_execute_server_program', 'server itself'],
    ['killer', 'in role pg_signal_backend', 'server itself'],
  ])('%s is refused, also through another role', async (name, terms, said) => {
    const own = await make(name, terms)
    expect(wordsOf(await created([own]))).toContain(said)
    const through = await make(`via_${name}`, `in role ${own}`)
    expect(wordsOf(await created([target.grant, through]))).toContain(said)
  })

  test('that reads files by a function, that is not there, or not ours to give is refused', async () => {
    const files = await make('files', '')
    await target.asSuperuser((client) => client.query(`grant execute on function pg_read_file(text) to ${files}`))
    expect(wordsOf(await created([files]))).toContain('files')
    expect(wordsOf(await created(['no_such_role']))).toContain('no role')
    const theirs = `theirs_${target.mark}`
    await target.asSuperuser((client) => client.query(`create role ${theirs}`))
    expect(wordsOf(await created([theirs]))).toContain('WITH ADMIN OPTION')
    expect(wordsOf(await created([target.grant], { ttlSecondsMax: 86_401 }))).toContain('86400')
    expect(wordsOf(await created([target.grant], { ttlSecondsMax: 59 }))).toContain('60')
  })

  test('of our own server that reaches our own rows is refused', async () => {
    const ours = await make('insider', '')
    const own = new URL(target.database.adminUrl)
    own.pathname = new URL(node.process.node.url).pathname
    // of any table: who may write leaves of the audit log decides about its order
    await withConnection(own.href, (client) => client.query(`grant insert on audit_leaf to ${ours}`))
    expect(wordsOf(await created([ours]))).toContain('Gatehouse itself')
  })

  test('whose grant became too mighty afterwards gives nothing', async () => {
    const grown = await make('grown', '')
    await node.calls.call('secretRole.create', { name: 'grown', backend: 'shop-db', postgres: { grants: [grown] } })
    await target.asSuperuser((client) => client.query(`alter role ${grown} superuser`))
    const refusal = await node.calls.refusal('lease.issue', { role: 'grown', purpose: 'a test' })
    expect([refusal.code, refusal.details.hint]).toEqual(['conflict', expect.stringContaining('superuser')])
    const { rowCount } = await target.asSuperuser((client) =>
      client.query('select from pg_auth_members where roleid = (select oid from pg_roles where rolname = $1)', [grown]),
    )
    expect(rowCount).toBe(1) // our own login alone
  })

  test('whose backend refuses to make a login takes no place: the next sweep ends the lease', async () => {
    const broken = await make('broken', '')
    await node.calls.call('secretRole.create', {
      name: 'broken',
      backend: 'shop-db',
      leasesMax: 1,
      postgres: { grants: [broken] },
    })
    const issue = { role: 'broken', purpose: 'a test' }
    await target.asSuperuser((client) => client.query(`alter role ${broken} superuser`))
    expect((await node.calls.refusal('lease.issue', issue)).code).toBe('conflict')
    await target.asSuperuser((client) => client.query(`alter role ${broken} nosuperuser`))
    expect(await node.calls.internal('lease.expire', { backend: 'postgres' }, node.process.random.id())).toMatchObject({
      failed: [],
    })
    const { items } = await node.calls.call('lease.list', {})
    expect(items.find(({ role }) => role === 'broken')).toMatchObject({
      state: 'revoked',
      reason: 'issuing did not finish',
    })
    const { lease } = await node.calls.call('lease.issue', issue)
    await node.calls.call('lease.revoke', { id: lease.id, reason: 'tested' })
  })

  test('with a name that is SQL is that name and nothing else', async () => {
    const odd = `o"d; drop role ${target.grant}; -- ' \\ $1 ${target.mark}`
    const admin = new URL(target.url).username
    await target.asSuperuser(async (client) => {
      await client.query(`create role ${client.escapeIdentifier(odd)}`)
      await client.query(`grant ${client.escapeIdentifier(odd)} to ${admin} with admin option`)
    })
    await node.calls.call('secretRole.create', {
      name: 'odd',
      backend: 'shop-db',
      postgres: { grants: [odd, target.grant] },
    })
    const { lease, material } = await node.calls.call('lease.issue', { role: 'odd', purpose: `'; drop table orders` })
    expect(await worksAsLogin(material)).toBe(true)
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason: `'); drop --` })).toMatchObject({
      state: 'revoked',
    })
    expect(await loginsIn(target)).toEqual([])
  })

  test('keeps its backend from being removed, and so do leases that live', async () => {
    expect((await node.calls.refusal('secretBackend.remove', { id: 'shop-db', reason: 'x' })).code).toBe('conflict')
    const { lease } = await node.calls.call('lease.issue', { role: 'odd', purpose: 'a test' })
    const { items } = await node.calls.call('secretRole.list', {})
    for (const { id, name } of items)
      expect(await node.calls.call('secretRole.delete', { id, reason: 'x' })).toMatchObject({
        livingLeases: name === 'odd' ? 1 : 0, // what was never made has been swept
      })
    expect((await node.calls.refusal('secretBackend.remove', { id: 'shop-db', reason: 'x' })).details.hint).toContain(
      '0 roles and 1 living leases',
    )
    await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
    expect(await node.calls.call('secretBackend.remove', { id: 'shop-db', reason: 'x' })).toMatchObject({
      name: 'shop-db',
    })
    const { rows } = await sql<{ settings: Buffer | null }>`select settings from secret_backend`.execute(
      node.process.db,
    )
    // what they were reached with is forgotten
    expect(new Set(rows.map(({ settings }) => settings))).toEqual(new Set([null]))
  })
})
