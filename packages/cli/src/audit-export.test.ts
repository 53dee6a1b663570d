import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, existsSync, writeFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatVerifier, noteVerifier, rootOfLines, signManifest } from '@gatehouse/audit/verify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const verifier = noteVerifier('gatehouse.test/audit', publicKey.export({ format: 'der', type: 'spki' }).subarray(12))
const texts = ['{"a":1}\n', '{"b":2}\n{"c":', '3}\n']
const whole = texts.join('')
let manifest: string
let server: WireServer
let env: Record<string, string>
let asked: unknown[]
let begun: (string | undefined)[]
let directory: string
beforeEach(async () => {
  const source = (async function* () {
    await Promise.resolve()
    yield whole
  })()
  const facts = { id: 'x', format: 'jsonl', rows: 3, checkpoint: null, claims: null, at: '2026-11-23T08:00:00.000Z' }
  manifest = signManifest({ ...facts, ...(await rootOfLines(source)) }, { privateKey, verifier })
  asked = []
  begun = []
  const part = (index: number) => ({
    text: texts[index],
    rows: index + 1,
    bytes: Buffer.byteLength(texts.slice(0, index + 1).join('')),
    percent: 50,
    cursor: `c${index}`,
    manifest: index === 2 ? manifest : null,
  })
  server = await startWireServer(({ name, input }) => {
    if (name === 'audit.export') begun.push((input as { format?: string }).format)
    if (name === 'audit.export') return { output: { id: 'x', format: 'jsonl' } }
    asked.push(input)
    // the first connection ends in the middle
    return { stream: (input as { after?: string }).after === undefined ? [part(0), part(1)] : [part(2)] }
  })
  env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x', GATEHOUSE_CONFIG_HOME: freshConfigHome() }
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-export-'))
})
afterEach(() => server.close())

describe('audit export', () => {
  test('writes all of it to standard output, and goes on where the connection broke', async () => {
    const { code, out } = await run(['audit', 'export', '--format', 'jsonl'], { env })
    expect([code, out]).toEqual([0, whole])
    expect(asked).toEqual([{ id: 'x' }, { id: 'x', after: 'c1' }])
  })

  test('takes the format that the file is named by, unless one is given', async () => {
    const outEnded = AbortSignal.abort() // only how it begins is asked
    for (const [file, ...flags] of [['a.csv'], ['b.JSONL'], ['c.log'], ['d.csv', '--format', 'cef']] as const)
      await run(['audit', 'export', '--output', join(directory, file), ...flags], { env, outEnded })
    expect(begun).toEqual(['csv', 'jsonl', undefined, 'cef']) // undefined: the server's own
  })

  test('ends quietly where who reads it goes away, as `| head` does', async () => {
    const { code, talk } = await run(['audit', 'export'], { env, outEnded: AbortSignal.abort() })
    expect([code, talk]).toEqual([0, ''])
  })

  test('writes a file for its owner alone, under its name once it is whole, and what is signed', async () => {
    const file = join(directory, 'audit.jsonl')
    const { code, out } = await run(['audit', 'export', '--format', 'jsonl', '--output', file, '--json'], { env })
    expect([code, JSON.parse(out)]).toMatchObject([0, { rows: 3, file, manifest: `${file}.manifest` }])
    expect(readFileSync(file, 'utf8')).toBe(whole)
    expect(readFileSync(`${file}.manifest`, 'utf8')).toBe(manifest)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(existsSync(`${file}.part`) || existsSync(`${file}.part.json`)).toBe(false)
  })

  test('goes on with a file that another run left, after what was noted as written', async () => {
    const file = join(directory, 'audit.jsonl')
    const noted = texts.slice(0, 2).join('')
    writeFileSync(`${file}.part`, `${noted}what was not noted`)
    writeFileSync(`${file}.part.json`, JSON.stringify({ id: 'x', cursor: 'c1', bytes: Buffer.byteLength(noted) }))
    const { code } = await run(['audit', 'export', '--format', 'jsonl', '--output', file, '--resume'], { env })
    expect([code, readFileSync(file, 'utf8'), asked]).toEqual([0, whole, [{ id: 'x', after: 'c1' }]])
    expect((await run(['audit', 'export', '--resume'], { env })).code).toBe(2)
    expect((await run(['audit', 'export', '--resume', '--output', join(directory, 'none')], { env })).code).toBe(2)
  })
})

describe.each([
  ['audit verify-export', ['audit', 'verify-export']],
  ['audit verify --offline', ['audit', 'verify', '--offline']],
])('%s', (_, words) => {
  const verify = async (text: string, note = manifest, key = formatVerifier(verifier)) => {
    const file = join(directory, 'audit.jsonl')
    writeFileSync(file, text)
    writeFileSync(`${file}.manifest`, note)
    return (await run([...words, file, '--key', key], { env: {} })).code
  }

  test('is well for what was signed, and finds any other byte, line, order or key, without a server', async () => {
    expect(await verify(whole)).toBe(0)
    const lines = whole.split('\n').slice(0, -1)
    for (const changed of [
      whole.replace('1', '2'),
      whole.slice(0, -1),
      `${whole}\n`,
      `${lines.slice(1).join('\n')}\n`,
      `${lines.toReversed().join('\n')}\n`,
      '',
    ])
      expect(await verify(changed), JSON.stringify(changed)).toBe(1)
    expect(await verify(whole, manifest.replace('rows 3', 'rows 4'))).toBe(1)
    expect(await verify(whole, '')).toBe(1)
    const stranger = noteVerifier('gatehouse.test/audit', new Uint8Array(32).fill(7))
    expect(await verify(whole, manifest, formatVerifier(stranger))).toBe(1)
    expect(await verify(whole, manifest, 'nonsense')).toBe(2)
  })
})
