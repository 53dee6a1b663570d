import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWireServer, type WireServer } from '../../packages/cli/test/wire-server.ts'
import { packClient } from '../../scripts/pack/pack-client.ts'
import { nodes } from './nodes.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-packed-'))

/** What somebody else's program looks like; the compiler must take all of it, and refuse what is marked. */
const program = `
import { createClient, createProofKey, isRefusal, GatehouseRefusal, type Output, type Types } from '@gatehouse/client'

const url = process.argv[2] ?? ''
const gatehouse = createClient({ url, token: () => 'token', proofKey: await createProofKey() })

const states: string[] = []
for await (const lease of gatehouse.list('lease.list', { state: 'active', first: 2 })) states.push(lease.id)

const version: Output<'system.version'> = await createClient({ url }).call('system.version', {})
const refused = await gatehouse.call('lease.revoke', { id: 'l', reason: 'done' }).catch((error: unknown) => error)
const watched: Types.Lease['state'][] = []
for await (const lease of gatehouse.stream('lease.watch', {})) watched.push(lease.state)
const nowhere = createClient({ url: 'http://127.0.0.1:1' })
const gone = await nowhere.call('system.version', {}).catch((error: unknown) => error)

// what does not fit does not compile
export const wrong = async () => {
  // @ts-expect-error no such operation
  await gatehouse.call('lease.renewAll', {})
  // @ts-expect-error the reason is missing
  await gatehouse.call('lease.revoke', { id: 'l' })
  // @ts-expect-error no such state
  gatehouse.list('lease.list', { state: 'alive' })
  // @ts-expect-error not a list
  gatehouse.list('lease.get', { id: 'l' })
  // @ts-expect-error not a stream
  gatehouse.stream('lease.list', {})
  // @ts-expect-error a version is text
  const number: number = version.version
  return number
}

console.log(JSON.stringify({
  states,
  version: version.version,
  refused:
    isRefusal(refused, 'lease-ended') && refused instanceof GatehouseRefusal ? [refused.code, refused.status] : null,
  watched,
  gone: isRefusal(gone) ? gone.code : null,
}))
`

const tsconfig = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
    skipLibCheck: false,
    noEmitOnError: true,
  },
  files: ['main.ts', 'node.d.ts'],
}

let server: WireServer
let packed: string
beforeAll(async () => {
  packed = await packClient(root, directory)
  server = await startWireServer(({ name, input }) => {
    if (name === 'lease.list')
      return JSON.stringify(input).includes('"after":"next"')
        ? { output: { items: [{ id: 'three' }], nextCursor: null } }
        : { output: { items: [{ id: 'one' }, { id: 'two' }], nextCursor: 'next' } }
    if (name === 'lease.revoke') return { refusal: { code: 'lease-ended' }, status: 409 }
    if (name === 'lease.watch') return { stream: [{ state: 'active' }, { state: 'revoked' }] }
    return { output: { version: '9.9.9' } }
  })
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe.each(nodes)('in an empty project, offline, under Node $major', ({ node }) => {
  const home = mkdtempSync(join(directory, 'home-'))
  const env: NodeJS.ProcessEnv = {
    PATH: `${dirname(node)}:/usr/bin:/bin`,
    HOME: home,
    npm_config_cache: join(home, 'npm-cache'),
  }

  test('it installs, compiles against its types, and calls', async () => {
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(tsconfig))
    writeFileSync(join(home, 'node.d.ts'), 'declare const process: { argv: string[] }\n')
    writeFileSync(join(home, 'main.ts'), program)
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', packed], { env, cwd: home })
    await run(process.execPath, [join(root, 'node_modules', '.bin', 'tsc'), '-p', home]).catch(
      (error: { stdout: string }) => expect(error.stdout).toBe(''),
    )
    const { stdout } = await run(node, [join(home, 'main.js'), server.url], { env, cwd: home })
    expect(JSON.parse(stdout)).toEqual({
      states: ['one', 'two', 'three'],
      version: '9.9.9',
      refused: ['lease-ended', 409],
      watched: ['active', 'revoked'],
      gone: 'unreachable',
    })
    const calls = server.calls.splice(0)
    expect(calls.find(({ name }) => name === 'lease.revoke')).toMatchObject({ token: 'token', method: 'POST' })
    expect(calls.filter(({ name }) => name.startsWith('lease.')).every(({ proof }) => proof !== undefined)).toBe(true)
    expect(calls.find(({ name }) => name === 'system.version')).toMatchObject({ token: null })
  })
})
