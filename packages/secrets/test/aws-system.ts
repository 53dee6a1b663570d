import { randomBytes } from 'node:crypto'
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam'
import { motoFacts, startAwsJudge, type AwsJudge } from '@gatehouse/testkit'
import type { BackendUnderTest } from '@gatehouse/testkit/secret-conformance'
import type { Material } from './secrets-system.ts'

/** An account as moto speaks it, with a judge before it: a user of ours, and a role that others take on. */
export interface AwsTarget {
  readonly judge: AwsJudge
  readonly endpoint: string
  readonly iam: IAMClient
  readonly user: string
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly role: { readonly name: string; readonly arn: string }
}

const region = 'eu-north-1'

export async function startAwsTarget(): Promise<AwsTarget> {
  const judge = await startAwsJudge((await motoFacts()).endpoint)
  const endpoint = `http://127.0.0.1:${judge.port}`
  const credentials = { accessKeyId: 'AKIAROOT', secretAccessKey: 'root' }
  const iam = new IAMClient({ region, endpoint, credentials })
  const mark = randomBytes(4).toString('hex')
  const [user, name] = [`gatehouse-${mark}`, `deploy-${mark}`]
  await iam.send(new CreateUserCommand({ UserName: user }))
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: user }))
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
  return {
    judge,
    endpoint,
    iam,
    user,
    key: { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' },
    role: { name, arn: role?.Arn ?? '' },
  }
}

/** Whether a session does something that a denied one does not. */
export async function sessionWorks({ endpoint }: AwsTarget, material: Material): Promise<boolean> {
  const client = new IAMClient({
    region,
    endpoint,
    maxAttempts: 1,
    credentials: {
      accessKeyId: material.accessKeyId ?? '',
      secretAccessKey: material.secretAccessKey?.expose() ?? '',
      sessionToken: material.sessionToken?.expose() ?? '',
    },
  })
  try {
    await client.send(new ListAccountAliasesCommand({}))
    return true
  } catch (error) {
    if (error instanceof Error && ['AccessDenied', 'ExpiredToken'].includes(error.name)) return false
    throw error
  }
}

/** As somebody does who takes a policy off the role by hand. */
async function liftDenial({ iam, role }: AwsTarget, leaseId: string): Promise<void> {
  const { PolicyNames: names = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: role.name }))
  for (const PolicyName of names.filter((name) => name.endsWith(leaseId)))
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role.name, PolicyName }))
}

/** It as the suite of all backends asks it. */
export async function awsUnderTest(): Promise<BackendUnderTest> {
  const target = await startAwsTarget()
  const { judge, key, role } = target
  return {
    end: { port: judge.port, speaks: 'http' },
    configured: (port) => ({ aws: { region, ...key, endpoint: `http://127.0.0.1:${port}` } }),
    role: { aws: { roleArn: role.arn } },
    ttlSeconds: 900,
    alive: judge.alive,
    works: (material) => sessionWorks(target, material),
    pass: judge.pass,
    revive: (leaseId) => liftDenial(target, leaseId),
    drop: () => Promise.resolve(judge.close()),
  }
}
