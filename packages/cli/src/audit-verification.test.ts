import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatVerifier, noteVerifier, signCheckpoint } from '@gatehouse/audit/verify'
import { afterEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const origin = 'gatehouse.test/audit'
const makeSigner = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, verifier: noteVerifier(origin, publicKey.export({ format: 'der', type: 'spki' }).subarray(12)) }
}
const signer = makeSigner()

/** A server whose record can be put into any state, and that always claims that all is well. */
const recordServer = async () => {
  const state = { size: 10, root: 1, signer, publicKeyOf: signer, checkpoint: true }
  const server = await startWireServer(({ name }) => {
    const root = new Uint8Array(32).fill(state.root)
    const checkpoint = state.checkpoint ? signCheckpoint({ origin, size: state.size, root }, state.signer) : null
    const common = { size: state.size, root: Buffer.from(root).toString('base64'), checkpoint }
    return {
      output:
        name === 'audit.verify'
          ? { ...common, ok: true, pending: 0, pruned: 4, problems: [] }
          : { ...common, at: null, publicKey: formatVerifier(state.publicKeyOf.verifier) },
    }
  })
  servers.push(server)
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x', GATEHOUSE_CONFIG_HOME: freshConfigHome() }
  const verify = async (...flags: string[]) => {
    const { code, out } = await run(['audit', 'verify', '--json', ...flags], { env })
    const { ok, problems } = JSON.parse(out) as { ok: boolean; problems: { kind: string }[] }
    return { code, ok, kinds: problems.map(({ kind }) => kind) }
  }
  return { state, verify, server }
}
const servers: WireServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
const well = { code: 0, ok: true, kinds: [] }

// Threat F5: whoever rewrites the audit log also rewrites what the server says of it; this machine's memory is out of
// his reach.
describe('audit verify on a server that claims that all is well', () => {
  test('is well while the record only grows, and hands the newest checkpoint to the server', async () => {
    const { state, verify, server } = await recordServer()
    expect(await verify()).toEqual(well)
    Object.assign(state, { size: 12, root: 2 })
    expect(await verify()).toEqual(well)
    Object.assign(state, { size: 20, root: 3 })
    expect(await verify()).toEqual(well)
    const sent = server.calls
      .filter(({ name }) => name === 'audit.verify')
      .map(({ input }) => (input as { remembered?: string }).remembered?.split('\n')[1])
    expect(sent).toEqual([undefined, '10', '12'])
  })

  test.each([
    ['a record that shrank', { size: 9 }, 'checkpoint-shrank'],
    ['another record of the same size', { root: 7 }, 'checkpoint-forked'],
    ['a record without checkpoints', { checkpoint: false }, 'checkpoint-missing'],
    ['a checkpoint by another key', { signer: makeSigner() }, 'checkpoint-signature'],
  ])('finds %s', async (_, change, kind) => {
    const { state, verify } = await recordServer()
    await verify()
    Object.assign(state, change)
    expect(await verify()).toEqual({ code: 1, ok: false, kinds: [kind] })
    // and what was found wrong is not what is remembered
    expect((await verify()).kinds).toEqual([kind])
  })

  test('takes a kept checkpoint as text or as a file, and raises no alarm over what is none', async () => {
    const { state, verify, server } = await recordServer()
    const root = new Uint8Array(32).fill(1)
    const kept = signCheckpoint({ origin, size: 10, root }, state.signer)
    const directory = freshConfigHome()
    mkdirSync(directory, { recursive: true })
    const file = join(directory, 'kept.txt')
    writeFileSync(file, kept)
    for (const given of [kept, kept.trimEnd(), file]) expect(await verify('--remembered', given)).toEqual(well)
    const sent = server.calls.filter(({ name }) => name === 'audit.verify').map(({ input }) => input)
    expect(sent).toEqual([{ remembered: kept }, { remembered: kept }, { remembered: kept }])
    writeFileSync(file, 'size 10')
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x', GATEHOUSE_CONFIG_HOME: directory }
    for (const given of [file, 'no-such-file', 'a\nb']) {
      const refused = await run(['audit', 'verify', '--remembered', given], { env })
      expect([refused.code, refused.out]).toEqual([2, ''])
    }
    expect(server.calls.filter(({ name }) => name === 'audit.verify')).toHaveLength(3)
  })

  test('finds a record under a new key, although its own signature is good', async () => {
    const { state, verify } = await recordServer()
    await verify()
    const other = makeSigner()
    Object.assign(state, { size: 30, signer: other, publicKeyOf: other })
    expect(await verify()).toEqual({ code: 1, ok: false, kinds: ['checkpoint-key-changed', 'checkpoint-signature'] })
  })

  test('starts over with --forget', async () => {
    const { state, verify } = await recordServer()
    await verify()
    Object.assign(state, { size: 3 })
    expect((await verify()).code).toBe(1)
    expect(await verify('--forget')).toEqual(well)
  })
})
