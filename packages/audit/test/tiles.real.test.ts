import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proveConsistency, proveInclusion } from '../src/tree/prove.ts'
import { growNodes } from '../src/tree/tree-hashes.ts'
import { logDocuments } from '../src/index.ts'
import { parseTilePath, readTile } from '../src/tree/tiles.ts'
import {
  checkTlogProof,
  consistencyProof,
  formatTlogProof,
  inclusionProof,
  parseCheckpoint,
  rootOfLeaves,
  verifyConsistency,
  verifyInclusion,
} from '../src/verify.ts'
import { openRecord, type TestRecord } from './record.ts'

/** More than two full tiles of the second level would take too long to write; one and a part do. */
const size = 66_321

let r: TestRecord
let leaves: Buffer[]
let note: string
beforeAll(async () => {
  r = await openRecord()
  await sql`insert into audit_placed (id, entry)
    select gen_random_uuid(), json_build_object('n', n)::text from generate_series(1, ${size}::int) as n`.execute(
    r.admin,
  )
  await sql`insert into audit_leaf (seq, entry_id, leaf_hash)
    select row_number() over (order by id) - 1, id, sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))
    from audit_entry`.execute(r.admin)
  note = await r.place()
  const { rows } = await sql<{ leaf_hash: Buffer }>`select leaf_hash from audit_leaf order by seq`.execute(r.admin)
  leaves = rows.map((row) => row.leaf_hash)
}, 120_000)
afterAll(() => r.close())

const places = [0, 1, 255, 256, 65_535, 65_536, size - 1]

test('what waits is moved by the index of the queue, however wrong the planner is about it', async () => {
  await r.admin
    .transaction()
    .execute(async (tx) => {
      const run = (text: string) => sql.raw<Record<string, unknown>>(text).execute(tx)
      const walks = async (): Promise<number> => {
        const { rows } = await run(`select sum(seq_scan)::int as n from pg_stat_xact_user_tables
          where relname in ('audit_pending', 'audit_placed')`)
        return Number(rows[0]?.['n'])
      }
      await run(
        "insert into audit_pending (entry_id, entry) select gen_random_uuid(), '{}' from generate_series(1, 5000)",
      )
      await run('analyze audit_pending')
      await run('delete from audit_pending where entry_id > (select entry_id from audit_pending order by 1 limit 1)')
      const before = await walks()
      const { rows } = await run(`select length(hashes) as bytes from audit_place(${size}, ${size}, 1024)`)
      expect(rows).toEqual([{ bytes: 32 }])
      expect(await walks()).toBe(before)
      throw new RollBackError()
    })
    .catch((error: unknown) => {
      if (!(error instanceof RollBackError)) throw error
    })
})

/** What was tried is as if it had never been. */
class RollBackError extends Error {}

describe('hashes of whole subtrees', () => {
  test('are made from the leaves where they are not stored yet, and are then stored, a few at a time', async () => {
    const path = inclusionProof(leaves, 70)
    expect(await proveInclusion(r.db, 70, size)).toEqual(path)
    let rounds = 0
    while (await growNodes(r.admin, size)) rounds += 1
    expect(rounds).toBeGreaterThan(3)
    const { rows } = await sql<{ level: number; count: number }>`
      select level, count(*)::int as count from audit_node group by level order by level`.execute(r.admin)
    expect(rows).toEqual([
      { level: 1, count: 259 },
      { level: 2, count: 1 },
    ])
    expect(await proveInclusion(r.db, 70, size)).toEqual(path)
  })

  test('prove every place in every tree: what is computed from all leaves is the same', async () => {
    const root = rootOfLeaves(leaves)
    for (const index of places) {
      const proof = await proveInclusion(r.db, index, size)
      expect(proof, `leaf ${index}`).toEqual(inclusionProof(leaves, index))
      expect(verifyInclusion({ index, size, leaf: leaves[index] ?? root, root, proof })).toBe(true)
    }
    for (const oldSize of [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, size - 1, size]) {
      const proof = await proveConsistency(r.db, oldSize, size)
      expect(proof, `size ${oldSize}`).toEqual(consistencyProof(leaves, oldSize))
      const oldRoot = rootOfLeaves(leaves.slice(0, oldSize))
      expect(verifyConsistency({ oldSize, oldRoot, size, root, proof })).toBe(true)
    }
  })

  test('can be written by the sequencer only', async () => {
    const write = sql`insert into audit_node values (1, 9000, sha256('x'))`.execute(r.db)
    await expect(write).rejects.toMatchObject({ code: '42501' })
  })
})

describe('tiles', () => {
  test('have one spelling of their path', () => {
    expect(parseTilePath('/tile/0/000')).toEqual({ level: 0, index: 0, width: 256 })
    expect(parseTilePath('/tile/1/001.p/3')).toEqual({ level: 1, index: 1, width: 3 })
    expect(parseTilePath('/tile/0/x001/x234/067')).toEqual({ level: 0, index: 1_234_067, width: 256 })
    for (const path of [
      '/tile/0/0',
      '/tile/00/000',
      '/tile/0/1000',
      '/tile/0/x000/001',
      '/tile/0/001.p/0',
      '/tile/0/001.p/256',
      '/tile/7/000',
      '/tile/0/x001/x234/067/',
      '/tile/entries/000',
      '/tile/-1/000',
      '/tile/0/000?x=1',
    ])
      expect(parseTilePath(path), path).toBeNull()
  })

  test('hold the hashes of their place, whole or so many as are asked for, and no more than was signed', async () => {
    const tile = async (path: string): Promise<Buffer | null> => {
      const place = parseTilePath(path)
      return place === null ? null : readTile(r.db, place)
    }
    expect(await tile('/tile/0/000')).toEqual(Buffer.concat(leaves.slice(0, 256)))
    expect(await tile('/tile/0/259.p/17')).toEqual(Buffer.concat(leaves.slice(66_304, 66_321)))
    expect(await tile('/tile/0/259.p/18')).toBeNull()
    expect(await tile('/tile/0/259')).toBeNull()
    expect((await tile('/tile/1/001.p/3'))?.subarray(0, 32)).toEqual(rootOfLeaves(leaves.slice(65_536, 65_792)))
    expect(await tile('/tile/2/000.p/1')).toEqual(rootOfLeaves(leaves.slice(0, 65_536)))
    expect(await tile('/tile/3/000.p/1')).toBeNull()
  })
})

describe('a proof as a text', () => {
  const proofOf = async (index: number) =>
    formatTlogProof({ index, hashes: await proveInclusion(r.db, index, size), checkpoint: note })

  test('stands for itself: with the public key and the leaf nothing else is needed', async () => {
    for (const index of places)
      expect(checkTlogProof(await proofOf(index), leaves[index] ?? Buffer.alloc(32), r.key.verifier)).toMatchObject({
        index,
        checkpoint: { size },
      })
  })

  test('is refused for another leaf, with another hash, under another signature, cut off', async () => {
    const [text, leaf] = [await proofOf(300), leaves[300] ?? Buffer.alloc(32)]
    const { verifier } = r.key
    expect(checkTlogProof(text, leaves[301] ?? leaf, verifier)).toBe('not-included')
    expect(checkTlogProof(text.replace('index 300', 'index 301'), leaf, verifier)).toBe('not-included')
    expect(checkTlogProof(text.replace(`\n${size}\n`, `\n${size + 1}\n`), leaf, verifier)).toBe('not-signed')
    expect(checkTlogProof(text.slice(0, 80), leaf, verifier)).toBe('malformed')
    expect(checkTlogProof(text.replace('@v1', '@v2'), leaf, verifier)).toBe('malformed')
    expect(parseCheckpoint(note)?.size).toBe(size)
  })
})

const hasGo = (() => {
  try {
    execFileSync('go', ['version'])
    return true
  } catch {
    return false
  }
})()

// Acceptance 5: golang.org/x/mod/sumdb is what Go itself checks its own log with
describe.skipIf(!hasGo)("Go's own implementation", () => {
  test('opens our checkpoint, and proves entries and consistency from our tiles', async () => {
    while (await growNodes(r.admin, size)) continue
    const log = logDocuments({ db: r.db, key: r.key, witnesses: [] })
    const old = { size: 1000, root: rootOfLeaves(leaves.slice(0, 1000)) }
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      const body = path === '/checkpoint' ? log.checkpoint() : log.tile(path)
      void body.then((found) => (found === null ? response.writeHead(404).end() : response.end(found)))
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const directory = await mkdtemp(join(tmpdir(), 'gatehouse-tlog-'))
    try {
      const source = resolve(import.meta.dirname, 'testdata/tlog')
      const facts = {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        key: log.publicKey,
        leaves: places.map((index) => ({ index, hash: leaves[index]?.toString('base64') })),
        old: { size: old.size, root: old.root.toString('base64') },
      }
      await writeFile(join(directory, 'facts.json'), JSON.stringify(facts))
      const ran = await promisify(execFile)('go', ['run', '.', join(directory, 'facts.json')], {
        cwd: source,
        timeout: 120_000,
      })
      expect(ran.stdout).toBe(`${size} entries, ${places.length} proved, consistent with ${old.size}\n`)
    } finally {
      await new Promise((closed) => server.close(closed))
      await rm(directory, { recursive: true })
    }
  }, 150_000)
})
