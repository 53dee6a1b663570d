import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSeededHome, withConnection, type TestHome } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, outside, principalOf, type Outside } from './support/outside.ts'

// Acceptance 6, from outside: a superuser tampers with the record of a running system, and `gatehouse audit verify`
// says what and where.

let home: TestHome
let directory: string
let auditor: Outside
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-audit-e2e-'))
  const settings = join(directory, 'security.toml')
  mkdirSync(join(directory, 'sinks'), { mode: 0o700 })
  writeFileSync(settings, `[audit]\nsink_directory = "${join(directory, 'sinks')}"\n`)
  home = await startSeededHome({ env: { GATEHOUSE_CONFIG: settings } })
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
      join('node_modules', '.bin', 'gatehouse'),
      words,
      { env: { ...home.env, GATEHOUSE_CONFIG_HOME: directory, GATEHOUSE_TOKEN_STORE: 'file' } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
    child.stdin?.end(stdin)
  })

const run = (statement: string): Promise<Record<string, unknown>[]> =>
  withConnection(
    home.dev().database.adminUrl,
    async (client) => (await client.query(statement)).rows as Record<string, unknown>[],
  ) // rows are columns by name

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

/** Until nothing waits for its place and a checkpoint covers all of it. */
const settled = async (): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const [row] = await run(
      'select (select count(*) from audit_pending) as pending, (select max(seq) + 1 from audit_leaf) = (select ' +
        'max(size) from audit_checkpoint) as signed',
    )
    if (row?.['pending'] === '0' && row['signed'] === true) return
    await sleep(100)
  }
  throw new TypeError('the sequencer does not come to an end')
}

/** Some entries in the middle of the record, where no one looks first. */
const someEntry = async (): Promise<{ readonly id: string; readonly seq: number }> => {
  const [row] = await run('select entry_id as id, seq::int as seq from audit_leaf order by seq offset 5 limit 1')
  return { id: String(row?.['id']), seq: Number(row?.['seq']) }
}

const tables = [
  'audit_entry (id, entry)',
  'audit_leaf (seq, entry_id, leaf_hash)',
  'audit_checkpoint (size, root, frontier, note, signed_at)',
  'audit_personal (entry_id, part, key_id, sealed, ip)',
  'audit_pending (entry_id, enqueued_at)',
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

describe('found, and where', () => {
  afterEach(async () => {
    expect((await verify()).kinds).toEqual([]) // each test puts back what it changed
  })

  test("an entry's text, edited", async () => {
    const { id, seq } = await someEntry()
    await run(`create table kept as select entry from audit_entry where id = '${id}'`)
    await run(`update audit_entry set entry = replace(entry, '"outcome":"', '"outcome":"re') where id = '${id}'`)
    const { code, kinds } = await verify()
    expect(code).toBe(1)
    expect(kinds).toContainEqual(['entry-altered', seq])
    await run(`update audit_entry set entry = (select entry from kept) where id = '${id}'; drop table kept`)
  })

  test('a search column, edited', async () => {
    const { id, seq } = await someEntry()
    await run(`create table kept as select session_id from audit_entry where id = '${id}'`)
    await run(`update audit_entry set session_id = 'somebody-else' where id = '${id}'`)
    const { code, kinds } = await verify()
    expect(code).toBe(1)
    expect(kinds).toContainEqual(['column-altered', seq])
    await run(`update audit_entry set session_id = (select session_id from kept) where id = '${id}'; drop table kept`)
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

describe('a person who is erased', () => {
  const canary = /wilhelmina/i
  const name = 'wilhelmina'

  /** All rows of all tables, bytes as text too. */
  const database = async (): Promise<string> => {
    const named = await run("select table_name as name from information_schema.tables where table_schema = 'public'")
    const dumps = await Promise.all(
      named.map(({ name: table }) =>
        run(`select convert_from(convert_to(t::text, 'UTF8'), 'UTF8') as row from ${String(table)} t`),
      ),
    )
    return dumps
      .flat()
      .map(({ row }) => String(row))
      .map(
        (row) =>
          row + row.replaceAll(/\\\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
      )
      .map(
        (row) =>
          row + row.replaceAll(/[A-Za-z0-9+/]{24,}={0,2}/g, (text) => Buffer.from(text, 'base64').toString('latin1')),
      )
      .join('\n')
  }
  /** Files of the home in which the name stands: logs, and Temporal's own database. */
  const filesNaming = async (): Promise<string[]> => {
    const found: string[] = []
    for (const file of readdirSync(home.home, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      if (file.isFile() && !path.includes('/postgres/') && canary.test(readFileSync(path, 'latin1'))) found.push(path)
    }
    return found
  }

  /** What a sink has written once it has all that there was when it was asked. */
  const delivered = async (id: string, file: string): Promise<string> => {
    const [end] = await run('select coalesce(max(seq), 0) as seq from audit_leaf')
    for (let tries = 0; tries < 200; tries += 1) {
      const [sink] = await run(`select cursor >= ${String(end?.['seq'])} as done from audit_sink where id = '${id}'`)
      const path = join(directory, 'sinks', file)
      if (sink?.['done'] === true && existsSync(path)) return readFileSync(path, 'utf8')
      await sleep(100)
    }
    throw new TypeError(`the sink of ${file} does not come to an end`)
  }
  const writtenAnew = (id: string) =>
    expect
      .poll(async () => (await run(`select anew from audit_sink where id = '${id}'`))[0]?.['anew'], { timeout: 20_000 })
      .toBe(false)
  const linesNaming = (text: string): string[] => text.split('\n').filter((line) => canary.test(line))
  const sinkTo = (admin: Outside, file: string, more: object) =>
    admin
      .mutate('auditSink.create', { name: file, kind: 'file', file, from: 'beginning', ...more })
      .then(({ data }) => String(data['id']))

  // Threat F6, acceptance 6
  test('leaves nothing in clear in any table, log, export or Temporal history, and the tree verifies', async () => {
    const base = baseOf(home.dev())
    const admin = await logIn(base, principalOf(home.dev(), 'Admin'))
    const created = await admin.mutate('user.create', {
      username: name,
      displayName: 'Wilhelmina Tell',
      email: 'wilhelmina@example.org',
      role: 'Viewer',
    })
    const id = String(created.data['id'])
    const hers = { 'user-agent': 'wilhelmina-browser' }
    const nobody = outside(base)
    await nobody.mutate('auth.login', { username: name, password: 'wrong-wilhelmina' }, hers)
    const session = await nobody.mutate(
      'auth.login',
      { username: name, password: created.data['oneTimePassword'] },
      hers,
    )
    expect(session.code).toBeNull()
    await auditor.query('audit.search', { actor: name })
    await auditor.query('user.get', { id: name })
    await auditor.query('user.get', { id: 'leopoldine-who-never-was' })
    await admin.mutate('team.addMember', { id: 'developers', user: name })
    await admin.mutate('user.resetPassword', { id: name })
    await run(
      'insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name, ' +
        "state, issued_at, expires_at, ended_at) values (gen_random_uuid(), 'ssh-key', 'root', (select id from " +
        `workspace limit 1), 'for wilhelmina', 'User', '${id}', '${name}', 'revoked', now(), now(), now())`,
    )
    expect((await auditor.mutate('auditView.save', { name: `what ${name} did`, actor: name })).code).toBeNull()
    const step = await admin.mutate('auth.stepUpComplete', {
      totp: await freshTotp(principalOf(home.dev(), 'Admin').totpSecret),
    })
    expect(step.code).toBeNull()
    for (const [operation, input] of [
      ['audit.holdPlace', { requestId: 'another', reason: `${name} asked for it` }],
      ['policy.publish', { reason: `${name} asked for it` }],
      ['team.update', { id: 'developers', description: `led by ${name}, 2 years` }],
    ] as const)
      expect([operation, (await admin.mutate(operation, input)).refusal]).toEqual([operation, null])
    const sparing = await sinkTo(admin, 'redacted.jsonl', { format: 'jsonl', redact: true })
    expect(await delivered(sparing, 'redacted.jsonl')).toContain('user.create')
    const open = await sinkTo(admin, 'open.jsonl', { format: 'jsonl' })
    expect(await delivered(open, 'open.jsonl')).toMatch(canary)
    expect(await database()).toMatch(canary)
    const erased = await admin.mutate('audit.anonymize', { user: name, reason: 'art. 17 GDPR, ticket DP-7' })
    expect(erased.body).toMatchObject({
      result: { data: { id, copies: [{ kind: 'sink', id: open, target: 'open.jsonl', writtenAnew: true }] } },
    })
    await settled()
    await writtenAnew(open)

    expect((await database()).match(/.{0,80}wilhelmina.{0,80}/i)).toBeNull()
    expect(await database()).not.toContain('leopoldine')
    expect(await filesNaming()).toEqual([])
    const late = await sinkTo(admin, 'late.jsonl', { format: 'jsonl' })
    const exported = join(directory, 'export.jsonl')
    const { totpSecret } = principalOf(home.dev(), 'Auditor')
    for (const words of [
      ['auth', 'step-up', '--totp', await freshTotp(totpSecret)],
      ['audit', 'export', '--format', 'jsonl', '--output', exported],
    ]) {
      const { code, err } = await gatehouse(words)
      expect([words, code, err]).toEqual([words, 0, expect.any(String)])
    }
    for (const text of [
      await delivered(sparing, 'redacted.jsonl'),
      await delivered(open, 'open.jsonl'),
      await delivered(late, 'late.jsonl'),
      readFileSync(exported, 'utf8'),
    ]) {
      expect(text).toContain('audit.anonymize')
      expect(linesNaming(text)).toEqual([])
    }
    const shown = await gatehouse([
      'audit',
      'search',
      '--from',
      '1h',
      '--first',
      '200',
      '--kinds',
      'change,event,read,refusal',
      '--json',
    ])
    expect(shown.code, shown.err).toBe(0)
    expect(linesNaming(shown.out)).toEqual([])
    expect(shown.out).toContain('audit.anonymize')
    expect((await verify()).verdict).toMatchObject({ ok: true, problems: [] })
  })
})

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
    await run(['begin;', ...restored, 'commit'].join(' '))
    const { code, verdict } = await verify()
    expect(code).toBe(1)
    expect(verdict.ok).toBe(false)
    expect(verdict.problems.some(({ kind }) => kind === 'shrunk' || kind === 'root-mismatch')).toBe(true)
  })
})
