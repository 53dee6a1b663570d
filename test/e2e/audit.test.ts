import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtPrograms, startGatewayHome, type GatewayHome } from '@gatehouse/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditSettled, rowsOf } from './support/database.ts'
import { baseOf, freshTotp, logIn, principalOf, type Outside } from './support/outside.ts'

const { cli: gatehouseProgram } = await builtPrograms()

// Acceptance 6, from outside: a superuser tampers with the record of a running system, and `gatehouse audit verify`
// says what and where.

let home: GatewayHome
let directory: string
let auditor: Outside
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-audit-e2e-'))
  home = await startGatewayHome()
  auditor = await logIn(baseOf(home.dev()), principalOf(home.dev(), 'Auditor'))
  const { username, password, totpSecret } = principalOf(home.dev(), 'Auditor')
  const login = await gatehouse(
    ['auth', 'login', '--username', username, '--password-stdin', '--totp', await freshTotp(totpSecret)],
    `${password}\n`,
  )
  expect(login.code, login.err).toBe(0)
})
afterAll(async () => {
  await home?.remove()
  rmSync(directory, { recursive: true, force: true })
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const gatehouse = (words: readonly string[], stdin = ''): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(
      gatehouseProgram,
      words,
      { env: { ...home.env, GATEHOUSE_CONFIG_HOME: directory, GATEHOUSE_TOKEN_STORE: 'file' } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
    child.stdin?.end(stdin)
  })

const run = (statement: string): Promise<Record<string, unknown>[]> => rowsOf(home.dev().database.adminUrl, statement)
const settled = (): Promise<void> => auditSettled(home.dev().database.adminUrl)

interface Verdict {
  readonly ok: boolean
  readonly size: number
  readonly root: string
  readonly checkpoint: string | null
  readonly pending: number
  readonly problems: readonly { readonly seq: number | null; readonly kind: string }[]
}

const verify = async (): Promise<{
  readonly code: number
  readonly verdict: Verdict
  readonly kinds: readonly unknown[]
}> => {
  const { code, out, err } = await gatehouse(['audit', 'verify', '--json'])
  expect(out, err).not.toBe('')
  const verdict = JSON.parse(out) as Verdict // by interfaces.md
  return { code, verdict, kinds: verdict.problems.map(({ seq, kind }) => [kind, seq]) }
}

/** Some entries in the middle of the record, where no one looks first. */
const someEntry = async (): Promise<{ readonly id: string; readonly seq: number }> => {
  const [row] = await run('select entry_id as id, seq::int as seq from audit_leaf order by seq offset 5 limit 1')
  return { id: String(row?.['id']), seq: Number(row?.['seq']) }
}

const tables = [
  'audit_placed (id, entry)',
  'audit_leaf (seq, entry_id, leaf_hash)',
  'audit_checkpoint (size, root, frontier, note, signed_at)',
  'audit_personal (entry_id, part, key_id, sealed, ip)',
  'audit_pending (entry_id, enqueued_at, entry, asked)',
].map((table) => ({ name: table.split(' ')[0] ?? '', columns: /\((.*)\)/.exec(table)?.[1] ?? '' }))

describe('a record that nobody touched', () => {
  test('verifies, and the command says size, root, checkpoint and what waits', async () => {
    await auditor.query('audit.search', { first: 5 })
    await settled()
    const { code, verdict } = await verify()
    expect(code).toBe(0)
    expect(verdict).toMatchObject({
      ok: true,
      problems: [],
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string,
      checkpoint: expect.stringContaining('gatehouse.local/audit\n') as string,
      pending: expect.any(Number) as number,
    })
    expect(verdict.size).toBeGreaterThan(6)
  })
})

// Each test puts back what it changed; the last of the file begins with a log that is whole.
describe('found, and where', () => {
  test("an entry's text, edited", async () => {
    const { id, seq } = await someEntry()
    await run(`create table kept as select entry from audit_entry where id = '${id}'`)
    await run(`update audit_placed set entry = replace(entry, '"outcome":"', '"outcome":"re') where id = '${id}'`)
    const { code, kinds } = await verify()
    expect(code).toBe(1)
    expect(kinds).toContainEqual(['entry-altered', seq])
    await run(`update audit_placed set entry = (select entry from kept) where id = '${id}'; drop table kept`)
  })

  test('a search column, edited', async () => {
    const { id, seq } = await someEntry()
    await run(`create table kept as select session_id from audit_entry where id = '${id}'`)
    await run(`update audit_placed set session_id = 'somebody-else' where id = '${id}'`)
    const { code, kinds } = await verify()
    expect(code).toBe(1)
    expect(kinds).toContainEqual(['column-altered', seq])
    await run(`update audit_placed set session_id = (select session_id from kept) where id = '${id}'; drop table kept`)
  })

  test('a leaf, deleted', async () => {
    const { id, seq } = await someEntry()
    const [leaf] = await run(
      `delete from audit_leaf where entry_id = '${id}' returning encode(leaf_hash, 'hex') as hash`,
    )
    const { code, kinds } = await verify()
    expect(code).toBe(1)
    expect(kinds).toContainEqual(['leaf-missing', seq])
    await run(`insert into audit_leaf values (${seq}, '${id}', decode('${String(leaf?.['hash'])}', 'hex'))`)
  })

  test("a person's name, reworded", async () => {
    const [row] = await run(
      'select entry_id as id, seq::int as seq from audit_personal join audit_leaf using (entry_id) ' +
        "where part = 'caller' order by seq limit 1",
    )
    const flip = () =>
      run(
        'update audit_personal set sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) ' +
          `where entry_id = '${String(row?.['id'])}' and part = 'caller'`,
      )
    await flip()
    expect((await verify()).kinds).toEqual([['personal-altered', row?.['seq']]])
    await flip()
  })
})

/** The gateway goes on while its tables are put back: where each waits for the other, one of them begins anew. */
async function unlessDeadlocked(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '40P01')) throw error
    await unlessDeadlocked(work)
  }
}

describe('rolled back', () => {
  test('to an older copy with its checkpoints: what this machine remembers says so', async () => {
    await settled()
    for (const { name, columns } of tables) await run(`create table copy_of_${name} as select ${columns} from ${name}`)
    for (let round = 0; round < 30; round += 1) await auditor.query('auth.whoami')
    await settled()
    const before = await verify() // and remembers
    expect(before.code).toBe(0)
    const restored = tables.map(
      ({ name, columns }) => `truncate ${name}; insert into ${name} (${columns}) select * from copy_of_${name};`,
    )
    await unlessDeadlocked(() => run(['begin;', ...restored, 'commit'].join(' ')))
    const { code, verdict } = await verify()
    expect(code).toBe(1)
    expect(verdict.ok).toBe(false)
    expect(verdict.problems.some(({ kind }) => kind === 'shrunk' || kind === 'root-mismatch')).toBe(true)
  })
})
