import { cp, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startGatewayHome, type GatewayHome } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, logIn, principalOf, type Outside } from './support/outside.ts'

const policies = fileURLToPath(new URL('../../policies', import.meta.url))
const effectWithin = { timeout: 2000, interval: 50 }

const forbidding = (id: string, action: string): string => `@id("${id}")
@doc("a test's own forbid")
@severity("low")
forbid (principal in Role::"Viewer", action == Action::"${action}", resource);
`

describe('policy files, from outside', () => {
  let home: GatewayHome
  let directory: string
  let viewer: Outside
  let admin: Outside

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gatehouse-policies-'))
    await cp(policies, join(directory, 'a'), { recursive: true })
    await symlink('a', join(directory, 'current'))
    home = await startGatewayHome({ env: { CEDAR_POLICIES_PATH: join(directory, 'current') } })
    const base = baseOf(home.dev())
    viewer = await logIn(base, principalOf(home.dev(), 'Viewer'))
    admin = await logIn(base, principalOf(home.dev(), 'Admin'))
  })
  afterAll(async () => {
    await home.remove()
    await rm(directory, { recursive: true, force: true })
  })

  const codeOf = async (operation: string): Promise<string | null> => (await viewer.query(operation)).code

  test('a new file takes effect within two seconds, and its removal too', async () => {
    expect(await codeOf('lease.list')).toBeNull()
    const file = join(directory, 'current', 'admin', 'test-forbid.cedar')
    await writeFile(file, forbidding('test-forbid', 'lease.list'))
    await expect.poll(() => codeOf('lease.list'), effectWithin).toBe('forbidden')
    expect((await viewer.query('lease.list')).refusal).toMatchObject({ reason: 'forbid', policies: ['test-forbid'] })
    await rm(file)
    await expect.poll(() => codeOf('lease.list'), effectWithin).toBeNull()
  })

  test('so does a file that is renamed into place', async () => {
    const aside = join(directory, 'aside.cedar')
    await writeFile(aside, forbidding('test-renamed', 'sshHost.list'))
    const file = join(directory, 'current', 'admin', 'test-renamed.cedar')
    await rename(aside, file)
    await expect.poll(() => codeOf('sshHost.list'), effectWithin).toBe('forbidden')
    await rm(file)
    await expect.poll(() => codeOf('sshHost.list'), effectWithin).toBeNull()
  })

  test('and a directory that is swapped by its symbolic link', async () => {
    await cp(policies, join(directory, 'b'), { recursive: true })
    await writeFile(join(directory, 'b', 'admin', 'test-swapped.cedar'), forbidding('test-swapped', 'team.list'))
    await symlink('b', join(directory, 'next'))
    const before = await codeOf('team.list')
    await rename(join(directory, 'next'), join(directory, 'current'))
    await expect.poll(() => codeOf('team.list'), effectWithin).toBe('forbidden')
    expect(before).not.toBe('invalid-input')
  })

  test('an invalid set is refused, the old one stays, and policy status says why', async () => {
    const file = join(directory, 'b', 'admin', 'broken.cedar')
    const version = (await admin.query('policy.status')).data['version']
    await writeFile(file, 'permit (principal, action == Action::"no.such.action", resource);')
    await expect
      .poll(async () => (await admin.query('policy.status')).data['lastError'], effectWithin)
      .toMatch(/broken\.cedar/)
    expect((await admin.query('policy.status')).data['version']).toBe(version)
    expect(await codeOf('team.list'), 'the old set still forbids').toBe('forbidden')
    await rm(file)
    await expect.poll(async () => (await admin.query('policy.status')).data['lastError'], effectWithin).toBeNull()
  })
})
