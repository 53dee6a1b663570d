import { randomUUID } from 'node:crypto'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  ListAccessKeysCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { Raw } from '@gatehouse/contract'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sessionWorks, startAwsTarget, type AwsTarget } from './aws-system.ts'
import { startNode, type Material, type SecretsNode } from './secrets-system.ts'

let node: SecretsNode
let target: AwsTarget
beforeAll(async () => {
  node = await startNode()
  target = await startAwsTarget()
  await node.calls.call('secretBackend.configure', { name: 'shop-aws', aws: at(target.key) })
  await role('deploy', {})
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await node.close()
  target.judge.close()
})

const region = 'eu-north-1'
const at = (key: object) => ({ region, endpoint: target.endpoint, ...key })
const role = (name: string, more: Partial<NonNullable<Raw<'secretRole.create'>['aws']>>, backend = 'shop-aws') =>
  node.calls.call('secretRole.create', {
    name,
    backend,
    ttlSecondsMax: 43_200,
    aws: { roleArn: target.role.arn, ...more },
  })
const purpose = 'a test'
const reason = 'done'
const issue = (name: string, ttlSeconds = 3600) => node.calls.call('lease.issue', { role: name, purpose, ttlSeconds })
const revoke = (id: string) => node.calls.call('lease.revoke', { id, reason })

/** The clocks of all go on. */
function later(seconds: number): void {
  node.process.advance(seconds)
  target.judge.pass(seconds)
}

async function denials(): Promise<string[]> {
  const { PolicyNames: names } = await target.iam.send(new ListRolePoliciesCommand({ RoleName: target.role.name }))
  return names ?? []
}

async function whoIs({ accessKeyId, secretAccessKey, sessionToken }: Material): Promise<string> {
  const credentials = {
    accessKeyId: accessKeyId ?? '',
    secretAccessKey: secretAccessKey?.expose() ?? '',
    sessionToken: sessionToken?.expose() ?? '',
  }
  const client = new STSClient({ region, endpoint: target.endpoint, credentials })
  return (await client.send(new GetCallerIdentityCommand({}))).Arn ?? ''
}

describe('a lease of AWS', () => {
  test('is a session that the SDK takes, has the lease as source identity, and is denied by it', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:Get*', 'iam:List*'], Resource: '*' }],
    }
    await role('narrow', {
      policy: JSON.stringify(policy, null, 2),
      externalId: 'shop-4711',
      tags: [{ key: 'team', value: 'shop' }],
    })
    const { lease, material } = await issue('narrow', 1800)
    expect(lease).toMatchObject({ backend: 'aws', revocability: 'denies', revokedWithinSeconds: 300, state: 'active' })
    expect(material).toMatchObject({ kind: 'aws', region, password: null })
    expect(await whoIs(material)).toContain(`:assumed-role/${target.role.name}/gatehouse-${lease.id}`)
    const session = target.judge.sessions.find(({ leaseId }) => leaseId === lease.id)
    expect(session?.asked).toMatchObject({
      RoleArn: target.role.arn,
      ExternalId: 'shop-4711',
      Policy: JSON.stringify(policy),
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'shop',
      'Tags.member.2.Key': 'gatehouse-backend',
    })
    expect(Number(session?.asked['DurationSeconds'])).toBeLessThanOrEqual(1800)
    expect(await sessionWorks(target, material)).toBe(true)
    expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
    expect(await sessionWorks(target, material)).toBe(false)
    // who they are, AWS tells them under a denial as well
    expect(await whoIs(material)).toContain('assumed-role')
  })

  // A policy that could only be replaced would have to be widened to be rid of it.
  test('is begun without what a role had, once that was taken away from it', async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}'
    await role('widened', { policy, externalId: 'shop-4711', tags: [{ key: 'team', value: 'shop' }] })
    const change = (aws: NonNullable<Raw<'secretRole.update'>['aws']>) =>
      node.calls.call('secretRole.update', { id: 'widened', aws })
    expect((await change({ policy: '' })).aws).toMatchObject({ policy: null, externalId: 'shop-4711' })
    expect((await change({ externalId: '', tags: [] })).aws).toMatchObject({ policy: null, externalId: null, tags: [] })
    const { lease } = await issue('widened')
    const asked = target.judge.sessions.find(({ leaseId }) => leaseId === lease.id)?.asked ?? {}
    expect(Object.keys(asked)).not.toEqual(expect.arrayContaining(['Policy']))
    expect(Object.keys(asked)).not.toEqual(expect.arrayContaining(['ExternalId']))
    await revoke(lease.id)
  })

  test('is denied alone: other sessions of the role go on', async () => {
    const [one, other] = [await issue('deploy'), await issue('deploy')]
    await revoke(one.lease.id)
    expect([await sessionWorks(target, one.material), await sessionWorks(target, other.material)]).toEqual([
      false,
      true,
    ])
    const names = (await denials()).filter((name) => name.endsWith(one.lease.id))
    const { PolicyDocument: text } = await target.iam.send(
      new GetRolePolicyCommand({ RoleName: target.role.name, PolicyName: names[0] }),
    )
    expect(JSON.parse(decodeURIComponent(text ?? ''))).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    })
    await revoke(other.lease.id)
  })

  test('that comes to its end needs no denial, and denials that mean nothing any more are taken away', async () => {
    const [denied, lived] = [await issue('deploy', 900), await issue('deploy', 900)]
    await revoke(denied.lease.id)
    expect((await denials()).some((name) => name.endsWith(denied.lease.id))).toBe(true)
    later(930)
    await node.calls.internal('lease.expire', { backend: 'aws' }, randomUUID())
    expect(await node.calls.call('lease.get', { id: lived.lease.id })).toMatchObject({ state: 'expired' })
    expect((await denials()).some((name) => name.endsWith(lived.lease.id))).toBe(false)
    expect(await sessionWorks(target, lived.material)).toBe(false)
    later(15_000)
    const { lease } = await issue('deploy', 900)
    await revoke(lease.id)
    expect(await denials()).toEqual([expect.stringMatching(new RegExp(`${lease.id}$`))])
  })

  test('is as AWS has them: from 15 minutes to 12 hours', async () => {
    for (const ttlSeconds of [899, 43_201]) {
      const refusal = await node.calls.refusal('lease.issue', { role: 'deploy', purpose, ttlSeconds })
      expect(refusal.details.fields).toEqual([expect.objectContaining({ path: 'ttlSeconds' })])
    }
  })
})

describe('the death of a session', () => {
  const witnesses = async (id: string) =>
    (await node.process.db.selectFrom('secret_credential').select('witness').where('lease_id', '=', id).execute()).map(
      ({ witness }) => witness,
    )
  const ask = () => node.calls.internal('lease.prove', {}, randomUUID())
  const proofOf = (id: string) => node.calls.call('lease.proof', { id })

  test('is proved by another session of the lease, which can do one thing and lies sealed until then', async () => {
    const { lease, material } = await issue('deploy')
    expect(await witnesses(lease.id)).toEqual([null])
    await revoke(lease.id)
    const [sealed] = await witnesses(lease.id)
    const [given, witness] = target.judge.sessions.filter(({ leaseId }) => leaseId === lease.id)
    expect(given?.accessKeyId).toBe(material.accessKeyId)
    expect(JSON.parse(witness?.asked['Policy'] ?? '')).toMatchObject({
      Statement: [{ Effect: 'Allow', Action: 'iam:ListAccountAliases', Resource: '*' }],
    })
    expect(sealed).toBeInstanceOf(Buffer)
    expect(sealed?.includes(witness?.accessKeyId ?? '')).toBe(false)
    await ask()
    const { state, provider, evidence } = await proofOf(lease.id)
    expect([state, provider, await witnesses(lease.id)]).toEqual(['refused', 'aws shop-aws', [null]])
    expect(JSON.parse(evidence?.statement ?? '')).toMatchObject({
      facts: {
        action: 'iam:ListAccountAliases',
        role: target.role.arn,
        session: witness?.accessKeyId,
        tookBefore: true,
      },
    })
  })

  test('of a role that may not do that cannot be proved, and the answer and the audit log say so', async () => {
    const PolicyName = 'no-aliases'
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'iam:ListAccountAliases', Resource: '*' }],
    })
    const { lease } = await issue('deploy')
    await target.iam.send(new PutRolePolicyCommand({ RoleName: target.role.name, PolicyName, PolicyDocument }))
    try {
      expect(await revoke(lease.id)).toMatchObject({ state: 'revoked' })
    } finally {
      await target.iam.send(new DeleteRolePolicyCommand({ RoleName: target.role.name, PolicyName }))
    }
    await ask()
    expect(await proofOf(lease.id)).toMatchObject({
      state: 'not-provable',
      evidence: null,
      lastAnswer: expect.stringContaining('iam:ListAccountAliases') as string,
    })
    expect(await ask()).toMatchObject({ asked: 0 })
    expect(await node.calls.record()).toContain('lease.notProvable allowed')
  })

  test('that came by itself keeps no witness', async () => {
    const { lease } = await issue('deploy', 900)
    later(930)
    await node.calls.internal('lease.expire', { backend: 'aws' }, randomUUID())
    expect([(await proofOf(lease.id)).state, await witnesses(lease.id)]).toEqual(['ended', [null]])
    expect(target.judge.sessions.filter(({ leaseId }) => leaseId === lease.id)).toHaveLength(1)
  })
})

test('who decides sees how the credentials of a role die, and how fast', async () => {
  const terms = { revocability: 'denies', revokedWithinSeconds: 300 }
  expect(await node.calls.call('secretRole.get', { id: 'deploy' })).toMatchObject(terms)
  const seen: unknown[] = []
  const allow = { effect: 'allow', policies: ['all'], version: 'test' } as const
  node.process.decideBy(({ entities }) => {
    seen.push(...entities.flatMap(({ uid, attrs }) => (uid.type === 'SecretRole' ? [attrs] : [])))
    return allow
  })
  const { lease } = await issue('deploy', 900)
  node.process.decideBy(() => allow)
  expect(seen[0]).toMatchObject({ backend: 'aws', ...terms })
  await revoke(lease.id)
})

describe('an account that is configured', () => {
  const words = async (aws: NonNullable<Raw<'secretBackend.configure'>['aws']>): Promise<string> => {
    const { code, details } = await node.calls.refusal('secretBackend.configure', { name: 'another', aws })
    return [code, details.hint, ...(details.fields ?? []).map(({ path, message }) => `${path} ${message}`)].join(' ')
  }

  test('is refused in words, which hold no key', async () => {
    const secretAccessKey = 'canary'
    expect(await words({ region, accessKeyId: 'AKIA' })).toContain('aws both accessKeyId and secretAccessKey')
    expect(await words({ region: 'eu north', accessKeyId: 'AKIA', secretAccessKey })).toContain('a region of AWS')
    for (const [endpoint, said] of [
      ['http://sts.example', 'without TLS'],
      ['http://127.0.0.1.sts.example', 'without TLS'], // a name that begins as an address of this machine
      ['https://169.254.169.254', 'metadata'],
      ['http://127.0.0.1:1', 'unavailable'],
      ['https://127.0.0.1/latest', 'more than a host'],
    ] as const) {
      const refused = await words({ region, accessKeyId: 'AKIA', secretAccessKey, endpoint })
      expect(refused).toContain(said)
      expect(refused).not.toContain('canary')
    }
  })

  test('of two kinds at once is none', async () => {
    const refusal = await node.calls.refusal('secretBackend.configure', {
      name: 'two',
      aws: at(target.key),
      postgres: { url: 'postgresql://x' },
    })
    expect(refusal.details.fields).toEqual([{ path: 'aws', message: expect.stringContaining('one kind') as string }])
  })

  test('has no role of what it cannot deny, or of another kind', async () => {
    const roleArn = target.role.arn.replace(/[^/]+$/, 'missing')
    const refusal = await node.calls.refusal('secretRole.create', { name: 'm', backend: 'shop-aws', aws: { roleArn } })
    expect(refusal.details.fields).toEqual([
      { path: 'aws', message: expect.stringContaining('NoSuchEntity') as string },
    ])
    const vault = { path: 'creds/x' }
    const other = await node.calls.refusal('secretRole.create', { name: 'm', backend: 'shop-aws', vault })
    expect(other.details.fields).toEqual([{ path: 'vault', message: expect.stringContaining('kind aws') as string }])
  })

  test('without a key is reached as who the machine is', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', target.key.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', target.key.secretAccessKey)
    const made = await node.calls.call('secretBackend.configure', { name: 'ambient', aws: at({}) })
    expect(made.shown).toContain(`user/${target.user}`)
    await role('ambient', {}, 'ambient')
    const { lease, material } = await issue('ambient')
    expect(await sessionWorks(target, material)).toBe(true)
    await revoke(lease.id)
    expect(await sessionWorks(target, material)).toBe(false)
    const refusal = await node.calls.refusal('secretBackend.rotate', { id: 'ambient' })
    expect(refusal.details.hint).toContain('own credentials')
  })
})

test('our own key is replaced by one that nobody has seen, and ended', async () => {
  const UserName = `rotated-${target.user}`
  const keys = async (): Promise<(string | undefined)[]> => {
    const listed = await target.iam.send(new ListAccessKeysCommand({ UserName }))
    return (listed.AccessKeyMetadata ?? []).map(({ AccessKeyId: id }) => id)
  }
  await target.iam.send(new CreateUserCommand({ UserName }))
  const { AccessKey: key } = await target.iam.send(new CreateAccessKeyCommand({ UserName }))
  const own = { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' }
  await node.calls.call('secretBackend.configure', { name: 'rotated', aws: at(own) })
  await role('rotated', {}, 'rotated')
  const { lease, material } = await issue('rotated')
  expect(await keys()).toEqual([own.accessKeyId])
  await node.calls.call('secretBackend.rotate', { id: 'rotated' })
  const [now, ...others] = await keys()
  expect([others, now === own.accessKeyId]).toEqual([[], false])
  await revoke(lease.id)
  expect(await sessionWorks(target, material)).toBe(false)
})
