import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { prepareSeededHome, startSshd, type DevJson, type TestHome, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, principalOf, type Answer, type Outside } from './support/outside.ts'

const hostName = 'kanarienvogel-1'
const purpose = 'canary purpose 4711'
/** Sweeps run within ten seconds of a deadline, the fallback within four; grace for a busy machine. */
const onTime = { timeout: 30_000, interval: 250 }

describe('Temporal, from outside', () => {
  let home: TestHome
  let dev: DevJson
  let sshd: TestSshd
  let operator: Outside

  beforeAll(async () => {
    home = await prepareSeededHome()
    await writeFile(join(home.home, 'security.toml'), '[ssh]\nttl_min = "1s"\n[mfa]\nstep_up_max_age = "1h"\n')
    home.env['GATEHOUSE_CONFIG'] = join(home.home, 'security.toml')
    dev = await home.start()
    const base = baseOf(dev)
    const ca = await (await fetch(`${base}/ssh/ca.pub`)).text()
    sshd = await startSshd({ trustedUserCaKeys: ca, authorizedKeysFile: join(home.home, 'authorized_keys') })
    const admin = await logIn(base, principalOf(dev, 'Admin'))
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
    expect(ids).toEqual(expect.arrayContaining(['lease-expiry/ssh-key', 'lease-expiry/ssh-certificate']))
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
      await expect.poll(fileText, onTime).not.toContain(key.blob)
      await expect.poll(async () => (await leaseOf(key.leaseId))['state'], onTime).toBe('expired')
    } finally {
      process.kill(dev.processes.temporal, 'SIGCONT')
    }
  })

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
      String(sshd.port),
      sshd.user === 'root' ? 'authorized_keys' : sshd.user,
      'PRIVATE KEY',
      await freshTotp(totpSecret),
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
  })
})

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

/** Payload bytes as text, so that what is in clear is seen in clear. */
function bytesAsText(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  const buffer = value as { type?: unknown; data?: unknown } | null // what Buffer's own toJSON has made of it
  return buffer !== null && typeof buffer === 'object' && buffer.type === 'Buffer' && Array.isArray(buffer.data)
    ? Buffer.from(buffer.data as number[]).toString('latin1')
    : value
}
