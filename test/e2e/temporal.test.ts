import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { ageIdentities, ageKeys, ageRecipients, encryptNew, newAgeKeyFile, recipientOf } from '@gatehouse/sops'
import { leaksIn, prepareHome, startSshd, type DevJson, type TestHome, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditSettled, rowsOf, until, wholeDatabase } from './support/database.ts'
import { baseOf, freshTotp, logIn, outside, principalOf, type Answer, type Outside } from './support/outside.ts'
import { runGatehouse } from './support/transcript.ts'

const hostName = 'kanarienvogel-1'
const purpose = 'canary purpose 4711'
/** What is encrypted, and nowhere in clear. */
const inMemory = `canary-${randomBytes(12).toString('hex')}`
/** Sweeps run within ten seconds of a deadline, the fallback within four; grace for a busy machine. */
const onTime = { timeout: 30_000, interval: 250 }

describe('Temporal, from outside', () => {
  let home: TestHome
  let dev: DevJson
  let sshd: TestSshd
  let admin: Outside
  let operator: Outside

  beforeAll(async () => {
    home = await prepareHome()
    const sinks = join(home.home, 'sinks')
    await mkdir(sinks, { mode: 0o700 })
    const ssh = '[ssh]\nttl_min = "1s"\ncontact_timeout = "2s"\n'
    const settings = `${ssh}[mfa]\nstep_up_max_age = "1h"\n[audit]\nsink_directory = "${sinks}"\n`
    const identity = await newAgeKeyFile()
    await writeFile(join(home.home, 'security.toml'), await encryptedFor(identity, `# ${inMemory}\n${settings}`))
    home.env['GATEHOUSE_CONFIG'] = join(home.home, 'security.toml')
    home.env['SOPS_AGE_KEY'] = identity.split('\n')[1]
    dev = await home.start()
    const base = baseOf(dev)
    const ca = await (await fetch(`${base}/ssh/ca.pub`)).text()
    sshd = await startSshd({ trustedUserCaKeys: ca, authorizedKeysFile: join(home.home, 'authorized_keys') })
    admin = await logIn(base, principalOf(dev, 'Admin'))
    const registered = await admin.mutate('sshHost.register', {
      name: hostName,
      address: sshd.address,
      port: sshd.port,
      user: sshd.user,
      access: 'ca',
      hostKey: sshd.hostPublicKeyLine,
      authorizedKeysPath: join(home.home, 'authorized_keys'),
    })
    expect(registered.status, JSON.stringify(registered.body)).toBe(200)
    operator = await logIn(base, principalOf(dev, 'Operator'))
  })
  afterAll(async () => {
    await sshd.stop()
    await home.remove()
  })

  const fileText = (): Promise<string> => readFile(join(home.home, 'authorized_keys'), 'utf8').catch(() => '')
  const deployed = async (ttlSeconds: number): Promise<{ id: string; leaseId: string; blob: string }> => {
    const made = await operator.mutate('sshKey.generate', { host: hostName, purpose, ttlSeconds })
    const { id, leaseId, publicKey } = made.data as { id: string; leaseId: string; publicKey: string }
    const answer: Answer = await operator.mutate('sshKey.deploy', { id })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return { id, leaseId, blob: publicKey.split(' ')[1] ?? '' }
  }
  const leaseOf = async (id: string): Promise<Readonly<Record<string, unknown>>> =>
    (await operator.query('lease.get', { id })).data

  test('an expiry workflow runs per backend, and a key goes when its time is up', async () => {
    const key = await deployed(3)
    expect(await fileText()).toContain(key.blob)
    await expect.poll(fileText, onTime).not.toContain(key.blob)
    await expect.poll(async () => (await leaseOf(key.leaseId))['state'], onTime).toBe('expired')
    const ids = await workflowIds(dev)
    expect(ids).toEqual(
      expect.arrayContaining(['lease-expiry/ssh-key', 'lease-expiry/ssh-certificate', 'lease-expiry/alert-delivery']),
    )
    const { workflowUrl } = await leaseOf(key.leaseId)
    expect((await fetch(String(workflowUrl))).status).toBe(200)
  })

  test('a lease whose host is unreachable at its end gets a workflow that ends it later', async () => {
    const key = await deployed(3)
    await sshd.halt()
    await expect.poll(async () => workflowIds(dev), onTime).toContain(`lease-revocation/${key.leaseId}`)
    expect(await leaseOf(key.leaseId)).toMatchObject({
      state: 'active',
      workflowUrl: expect.stringContaining(encodeURIComponent(`lease-revocation/${key.leaseId}`)) as string,
    })
    await sshd.resume()
    await expect.poll(async () => (await leaseOf(key.leaseId))['state'], { ...onTime, timeout: 90_000 }).toBe('expired')
    expect(await fileText()).not.toContain(key.blob)
  }, 150_000)

  test('with Temporal stopped a lease can still be issued, and is revoked on time', async () => {
    process.kill(dev.processes.temporal, 'SIGSTOP') // dead to callers, alive to its supervisor
    try {
      const before = performance.now()
      const key = await deployed(4)
      expect(performance.now() - before, 'issuing waits for no workflow').toBeLessThan(5000)
      expect(await fileText()).toContain(key.blob)
      const asked = performance.now()
      waiting.push(`break-glass/${(await askForEmergency()).id}`, `incident/${(await openIncident()).id}`)
      expect(performance.now() - asked, 'an emergency waits for no workflow').toBeLessThan(5000)
      await expect.poll(fileText, onTime).not.toContain(key.blob)
      await expect.poll(async () => (await leaseOf(key.leaseId))['state'], onTime).toBe('expired')
    } finally {
      process.kill(dev.processes.temporal, 'SIGCONT')
    }
  })
  /** Workflows of what was asked for while Temporal was away. */
  const waiting: string[] = []

  const askForEmergency = async (): Promise<{ id: string }> => {
    const asked = await operator.mutate('breakGlass.request', {
      incident: hostName,
      severity: 'low',
      justification: `an emergency, ${purpose}`,
      workspace: 'default',
      actions: ['lease.list'],
    })
    expect(asked.status, JSON.stringify(asked.body)).toBe(200)
    return asked.data as { id: string }
  }
  const openIncident = async (): Promise<{ id: string }> => {
    const opened = await admin.mutate('incident.open', { title: purpose, kind: 'other', severity: 'low' })
    expect(opened.status, JSON.stringify(opened.body)).toBe(200)
    return opened.data as { id: string }
  }

  test('what people wait for has a workflow at its page', async () => {
    const { id } = await askForEmergency()
    await expect.poll(() => workflowIds(dev), onTime).toContain(`break-glass/${id}`)
    const { workflowUrl } = (await operator.query('breakGlass.get', { id })).data
    expect((await fetch(String(workflowUrl))).status).toBe(200)
    await operator.mutate('breakGlass.cancel', { id, reason: 'over' })
    await expect.poll(() => runningIds(dev), onTime).not.toContain(`break-glass/${id}`)
  })

  // Threat F8: what Temporal Web is shown is decided by Cedar, as anything else
  test('what a history holds sealed is read by whom the policies let, through the codec endpoint alone', async () => {
    const sealed = await sealedPayloads(dev)
    expect(sealed.length).toBeGreaterThan(0)
    const origin = new URL(String(dev.urls.temporalWeb)).origin
    const ask = (headers: Record<string, string>, method = 'POST') =>
      fetch(`${baseOf(dev)}/temporal/codec/decode`, {
        method,
        headers: { origin, 'content-type': 'application/json', ...headers },
        ...(method === 'POST' ? { body: JSON.stringify({ payloads: sealed }) } : {}),
      })
    const preflight = await ask({ 'access-control-request-method': 'POST' }, 'OPTIONS')
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
    const viewer = await logIn(baseOf(dev), principalOf(dev, 'Viewer'))
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${viewer.token}` })).status).toBe(403)
    const answer = await ask({ authorization: `Bearer ${operator.token}` })
    expect(answer.status).toBe(200)
    const { payloads } = (await answer.json()) as { payloads: { data: string }[] }
    expect(payloads).toHaveLength(sealed.length)
    for (const { data } of payloads) JSON.parse(Buffer.from(data, 'base64').toString('utf8'))
    expect((await ask({ origin: 'http://evil.example', authorization: `Bearer ${operator.token}` })).status).toBe(403)
  })

  // Threat E4: what is kept by the way
  test('no file of the system holds what was encrypted, or the settings in clear', async () => {
    const key = await admin.mutate('kmsKey.create', { name: 'canary-key' })
    expect(key.status, JSON.stringify(key.body)).toBe(200)
    const context = { for: inMemory }
    const items = [{ plaintext: Buffer.from(inMemory).toString('base64'), context }]
    const sealed = await operator.mutate('kms.encrypt', { key: 'canary-key', items })
    const [{ ciphertext = '' } = {}] = (sealed.data as { items?: readonly { ciphertext: string }[] }).items ?? []
    const opened = await operator.mutate('kms.decrypt', { items: [{ ciphertext, context }] })
    expect(opened.data).toMatchObject({ items: [{ plaintext: items[0]?.plaintext }] })
    await operator.mutate('kms.decrypt', { items: [{ ciphertext, context: {} }] })
    await auditSettled(dev.database.adminUrl)
    const files = readdirSync(home.home, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
    const paths = files.map(({ parentPath, name: file }) => join(parentPath, file))
    expect(paths.filter((path) => /pg_wal|temporal/.test(path)).length).toBeGreaterThan(1)
    expect(leaksIn({ files: new Map(paths.map((path) => [path, contentOf(path)])) }, [inMemory])).toEqual([])
  })

  const canary = /wilhelmina/i
  const name = 'wilhelmina'

  /** Files of the home in which the name stands: logs, and Temporal's own database. */
  const filesNaming = async (): Promise<string[]> => {
    const found: string[] = []
    for (const file of readdirSync(home.home, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name)
      if (file.isFile() && !/\/(postgres|sinks)\//.test(path) && canary.test(readFileSync(path, 'latin1')))
        found.push(path)
    }
    return found
  }

  /** What a sink has written once it has all that there was when it was asked. */
  const delivered = async (id: string, file: string): Promise<string> => {
    const ask = (statement: string) => rowsOf(dev.database.adminUrl, statement)
    const [end] = await ask('select coalesce(max(seq), 0) as seq from audit_leaf')
    const path = join(home.home, 'sinks', file)
    await until(async () => {
      const [sink] = await ask(`select cursor >= ${String(end?.['seq'])} as done from audit_sink where id = '${id}'`)
      return sink?.['done'] === true && existsSync(path)
    }, `the sink of ${file} does not come to an end`)
    return readFileSync(path, 'utf8')
  }
  const writtenAnew = (id: string): Promise<void> =>
    until(async () => {
      const [sink] = await rowsOf(dev.database.adminUrl, `select anew from audit_sink where id = '${id}'`)
      return sink?.['anew'] === false
    }, 'the sink is not written anew')
  const linesNaming = (text: string): string[] => text.split('\n').filter((line) => canary.test(line))
  const sinkTo = (file: string, more: object): Promise<string> =>
    admin
      .mutate('auditSink.create', { name: file, kind: 'file', file, from: 'beginning', ...more })
      .then(({ data }) => String(data['id']))
  /** What a command prints that must succeed, at the auditor's machine. */
  const gatehouse = async (words: readonly string[], stdin = ''): Promise<string> => {
    const { code, out, err } = await runGatehouse(
      { directory: home.home, env: home.env, base: baseOf(dev) },
      { who: 'auditor', words, stdin },
    )
    expect([words, code, err]).toEqual([words, 0, expect.any(String)])
    return out
  }

  // Threat F6, acceptance 6
  test('an erased person is in clear in no table, log, export or Temporal history, and the log verifies', async () => {
    const base = baseOf(dev)
    const auditor = await logIn(base, principalOf(dev, 'Auditor'))
    const database = (): Promise<string> => wholeDatabase(dev.database.adminUrl)
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
    await rowsOf(
      dev.database.adminUrl,
      'insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name, ' +
        "state, issued_at, expires_at, ended_at) values (gen_random_uuid(), 'ssh-key', 'root', (select id from " +
        `workspace limit 1), 'for wilhelmina', 'User', '${id}', '${name}', 'revoked', now(), now(), now())`,
    )
    expect((await auditor.mutate('auditView.save', { name: `what ${name} did`, actor: name })).code).toBeNull()
    for (const [operation, input] of [
      ['audit.holdPlace', { requestId: 'another', reason: `${name} asked for it` }],
      ['policy.publish', { reason: `${name} asked for it` }],
      ['team.update', { id: 'developers', description: `led by ${name}, 2 years` }],
      [
        'calendar.set',
        { id: 'default', onCall: [{ user: name, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }] },
      ],
      ['approval.request', { action: 'mfa.reset', resource: name, reason: 'lost the phone' }],
    ] as const)
      expect([operation, (await admin.mutate(operation, input)).refusal]).toEqual([operation, null])
    const behind = Buffer.from(JSON.stringify(['name', name, id])).toString('base64url')
    for (const [operation, input] of [
      ['sshCertificate.list', { search: name }],
      ['user.list', { sort: 'name', after: behind }],
    ] as const)
      expect([operation, (await admin.query(operation, input)).refusal]).toEqual([operation, null])
    const sparing = await sinkTo('redacted.jsonl', { format: 'jsonl', redact: true })
    expect(await delivered(sparing, 'redacted.jsonl')).toContain('user.create')
    const open = await sinkTo('open.jsonl', { format: 'jsonl' })
    expect(await delivered(open, 'open.jsonl')).toMatch(canary)
    expect(await database()).toMatch(canary)
    const erased = await admin.mutate('audit.anonymize', { user: name, reason: 'art. 17 GDPR, ticket DP-7' })
    expect(erased.body).toMatchObject({
      result: { data: { id, copies: [{ kind: 'sink', id: open, target: 'open.jsonl', writtenAnew: true }] } },
    })
    await auditSettled(dev.database.adminUrl)
    await writtenAnew(open)

    expect((await database()).match(/.{0,80}wilhelmina.{0,80}/i)).toBeNull()
    expect(await database()).not.toContain('leopoldine')
    expect(await filesNaming()).toEqual([])
    expect(await allHistories(dev)).not.toMatch(canary)
    const late = await sinkTo('late.jsonl', { format: 'jsonl' })
    const exported = join(home.home, 'export.jsonl')
    const { username, password, totpSecret } = principalOf(dev, 'Auditor')
    const login = ['auth', 'login', '--username', username, '--password-stdin', '--totp', await freshTotp(totpSecret)]
    await gatehouse(login, `${password}\n`)
    await gatehouse(['audit', 'export', '--format', 'jsonl', '--output', exported])
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
    expect(linesNaming(shown)).toEqual([])
    expect(shown).toContain('audit.anonymize')
    expect(JSON.parse(await gatehouse(['audit', 'verify', '--json']))).toMatchObject({ ok: true, problems: [] })
  })

  // looked for again each half minute: what comes in between waits for nothing
  test('what was asked for without Temporal has a workflow as well', async () => {
    await expect.poll(() => workflowIds(dev), { ...onTime, timeout: 60_000 }).toEqual(expect.arrayContaining(waiting))
  }, 90_000)

  test('no history holds a secret, a name, an address or a host name in clear', async () => {
    await sleep(1000)
    const text = await allHistories(dev)
    expect(text.length).toBeGreaterThan(1000)
    const { username, password, totpSecret } = principalOf(dev, 'Operator')
    const canaries = [
      hostName,
      purpose,
      username,
      password,
      totpSecret,
      sshd.address,
      sshd.user === 'root' ? 'authorized_keys' : sshd.user,
      'PRIVATE KEY',
    ]
    for (const canary of canaries) {
      for (const spelling of [
        canary,
        Buffer.from(canary).toString('base64').replace(/=+$/, ''),
        Buffer.from(canary).toString('hex'),
      ]) {
        if (spelling.length > 4) expect(text.includes(spelling), `${canary} as ${spelling}`).toBe(false)
      }
    }
    // by themselves: five or six digits stand by chance in the middle of many a longer number
    for (const digits of [String(sshd.port), await freshTotp(totpSecret)])
      expect(text).not.toMatch(new RegExp(`(?<![\\w.-])${digits}(?![\\w.-])`))
  })
})

/** Empty for what has gone meanwhile: servers put their files in order as they run. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

async function encryptedFor(keyFile: string, text: string): Promise<Uint8Array> {
  const recipients = await Promise.all(ageIdentities(keyFile).map(recipientOf))
  return encryptNew(Buffer.from(text), {
    format: 'binary',
    services: [ageKeys([])],
    groups: [ageRecipients(recipients.join(','))],
    threshold: 1,
    now: new Date(),
  })
}

async function withClient<T>(dev: DevJson, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: dev.temporal.address })
  try {
    return await work(new Client({ connection, namespace: dev.temporal.namespace }))
  } finally {
    await connection.close()
  }
}

const workflowIds = (dev: DevJson): Promise<string[]> =>
  withClient(dev, (client) => Array.fromAsync(client.workflow.list(), ({ workflowId }) => workflowId))

const runningIds = (dev: DevJson): Promise<string[]> =>
  withClient(dev, (client) =>
    Array.fromAsync(client.workflow.list({ query: "ExecutionStatus = 'Running'" }), ({ workflowId }) => workflowId),
  )

/** Every history and every visible attribute as a stranger with the server's port reads them: without our codec. */
const allHistories = (dev: DevJson): Promise<string> =>
  withClient(dev, async (client) => {
    const parts: string[] = []
    for await (const execution of client.workflow.list()) {
      const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory()
      parts.push(JSON.stringify(execution.raw, bytesAsText), JSON.stringify(history, bytesAsText))
    }
    return parts.join('\n')
  })

/** What workflows were begun with, sealed, as Temporal Web sends it to a codec server. */
const sealedPayloads = (dev: DevJson) =>
  withClient(dev, async (client) => {
    const found: { metadata: { encoding: string }; data: string }[] = []
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
      for (const { data, metadata } of events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [])
        found.push({
          metadata: { encoding: Buffer.from(metadata?.['encoding'] ?? []).toString('base64') },
          data: Buffer.from(data ?? []).toString('base64'),
        })
    }
    return found.slice(0, 20)
  })

/** Payload bytes as text, so that what is in clear is seen in clear. */
function bytesAsText(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  const buffer = value as { type?: unknown; data?: unknown } | null // what Buffer's own toJSON has made of it
  return buffer !== null && typeof buffer === 'object' && buffer.type === 'Buffer' && Array.isArray(buffer.data)
    ? Buffer.from(buffer.data as number[]).toString('latin1')
    : value
}
