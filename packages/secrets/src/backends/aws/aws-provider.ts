import { setTimeout as sleep } from 'node:timers/promises'
import { secret } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { z } from 'zod'
import { sweepBudgets } from '../../budgets.ts'
import type { BackendLimits } from '../../secret-backend.ts'
import { noMaterial } from '../../material.ts'
import type { EndingCredential, Material, NewCredential, SecretProvider, Target } from '../../secret-provider.ts'
import { BackendError } from '../backend-error.ts'
import { serviceAddress } from '../reach-service.ts'
import { isRefusedKey } from './aws-refusals.ts'
import type { AwsAccount, OwnKey, Session } from './aws-types.ts'
import { beginWitness, heardOf, openWitness, withoutWitness } from './aws-witness.ts'

/** What an account is reached with; without a key of ours, as who this machine is. */
const Settings = z.object({
  region: z.string(),
  key: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }).nullable(),
  endpoint: z.string().nullable(),
})
type AwsSettings = z.output<typeof Settings>

const Form = z.object({
  roleArn: z.string(),
  policy: z.string().nullable().default(null),
  externalId: z.string().nullable().default(null),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
})
type AwsForm = z.output<typeof Form>

/** By what a session is denied, until when it lives at most by our own clock, and with what another can be begun. */
const Handle = z.object({
  roleArn: z.string(),
  deadBy: z.iso.datetime(),
  externalId: Form.shape.externalId,
  tags: Form.shape.tags,
})
type AwsHandle = z.output<typeof Handle>

/** What AWS gives: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const limits = {
  ttlSecondsMin: 900,
  ttlSecondsMax: 43_200,
  renewable: false,
  revocation: 'denies',
  // AWS says no more than that it takes minutes at times
  deniesWithinSeconds: 300,
} as const

/** How long AWS is waited for, with all that is asked of it at once. */
export const awsSeconds = { call: 15, find: 10, revoke: sweepBudgets.aws.waitSeconds - 1 } as const

export interface AwsDeps {
  readonly outbound: Outbound
  readonly clock: Clock
  readonly seconds: Readonly<Record<keyof typeof awsSeconds, number>>
}

type Aim = Target<AwsSettings>

/** Accounts of AWS: a lease's credential is a session of a role, which AWS denies everything once it is revoked. */
export function awsProvider({ outbound, clock, seconds }: AwsDeps): SecretProvider<AwsSettings, AwsForm, AwsHandle> {
  const reachAs = async (key: OwnKey | null, { region, endpoint }: AwsSettings, secondsMax: number) => {
    const { openAws } = await import('./aws-account.ts')
    return openAws({ outbound, region, key, endpoint, secondsMax })
  }
  const reach = (settings: AwsSettings, secondsMax: number): Promise<AwsAccount> =>
    reachAs(ownKeyOf(settings.key), settings, secondsMax)
  const at = async ({ settings, identity }: Aim, secondsMax: number): Promise<AwsAccount> => {
    const aws = await reach(settings, secondsMax)
    if (identity === null || (await aws.caller()).account === identity) return aws
    throw new BackendError(
      'unfit',
      'the key is of another account than the one that was configured; configure it again',
    )
  }
  return {
    kind: 'aws',
    limits,
    settings: Settings,
    form: Form,
    handle: Handle,
    probe: async (target) => {
      if (target.settings.endpoint !== null) serviceAddress(target.settings.endpoint)
      const { account, arn } = await (await at(target, seconds.call)).caller()
      return { identity: account, shown: `${arn} in ${target.settings.region}` }
    },
    check: async (target, { roleArn }) => refuseUndeniable(await at(target, seconds.call), roleArn, clock),
    issue: async (target, credential, form) => {
      const aws = await at(target, seconds.call)
      return secret(await begun(aws, { credential, form, clock, settings: target.settings, waits: seconds.call }))
    },
    revoke: async (target, credential) => {
      const { settings } = target
      const witnessSeconds = seconds.revoke / witnessPart
      await ended(credential, clock, {
        reach: () => at(target, seconds.revoke),
        forWitness: () => reach(settings, witnessSeconds),
        asWitness: (session) => reachAs(session, settings, witnessSeconds),
      })
    },
    prove: async ({ settings }, { handle, witness }) => {
      if (handle === null || witness === null) return withoutWitness
      const key = openWitness(witness)
      const aws = await reachAs(key, settings, seconds.find)
      return heardOf(aws, { roleArn: handle.roleArn, accessKeyId: key.accessKeyId })
    },
    // AWS lists no sessions: what was begun works until it is denied or over
    find: (_, { active }) => Promise.resolve(active.map(({ leaseId }) => ({ leaseId, tagged: true }))),
    renewed: async (target) => {
      if (target.settings.key === null)
        throw new BackendError('unfit', 'this machine’s own credentials are used, and rotated by who gives it them')
      const { accessKeyId, secretAccessKey } = await (await at(target, seconds.call)).makeOwnKey()
      return { ...target.settings, key: { accessKeyId, secretAccessKey: secretAccessKey.expose() } }
    },
    replace: async ({ settings }, renewed) => {
      const aws = await reach(renewed, seconds.call)
      await taken(aws)
      if (settings.key !== null) await aws.endOwnKey(settings.key.accessKeyId)
    },
    isRefused: isRefusedKey,
  }
}

const ownKeyOf = (key: AwsSettings['key']): OwnKey | null =>
  key === null ? null : { accessKeyId: key.accessKeyId, secretAccessKey: secret(key.secretAccessKey) }

const lookAgainMilliseconds = 500

/** A new key is known everywhere a moment after it was made. */
async function taken(aws: AwsAccount): Promise<void> {
  for (;;) {
    try {
      return void (await aws.caller())
    } catch (error) {
      if (!isRefusedKey(error) || aws.left() < 1) throw error
      await sleep(lookAgainMilliseconds)
    }
  }
}

/** A role whose sessions we could not deny would be promised to die, and would not: tried with one that is nobody's. */
async function refuseUndeniable(aws: AwsAccount, roleArn: string, clock: Clock): Promise<void> {
  await aws.requireRole(roleArn)
  const nobody = { roleArn, leaseId: 'gatehouse-check', until: clock.now() }
  await aws.deny(nobody)
  await aws.allowAgain(nobody)
}

interface Beginning {
  readonly credential: NewCredential<AwsHandle>
  readonly form: AwsForm
  readonly settings: AwsSettings
  readonly clock: Clock
  /** How long AWS may take to answer: a session may begin as late as that. */
  readonly waits: number
}

/** What is kept comes first: should the answer be lost, the session is denied by its lease. */
async function begun(aws: AwsAccount, { credential, form, settings, clock, waits }: Beginning): Promise<Material> {
  const { lease, backendId, keep } = credential
  const { roleArn, policy, externalId, tags } = form
  const leftSeconds = (lease.expiresAt.getTime() - clock.now().getTime()) / 1000
  const seconds = sessionSeconds(leftSeconds)
  await keep({ roleArn, externalId, tags, deadBy: later(clock, seconds + waits) })
  const session = await aws.begin({ leaseId: lease.id, backendId, seconds, roleArn, policy, externalId, tags })
  await keep({ roleArn, externalId, tags, deadBy: later(clock, seconds) })
  const { accessKeyId, secretAccessKey, sessionToken } = session
  return { ...noMaterial, kind: 'aws', accessKeyId, secretAccessKey, sessionToken, region: settings.region }
}

/** As AWS gives sessions: what has passed of the shortest time since the lease was written comes on top. */
const sessionSeconds = (seconds: number): number =>
  Math.min(limits.ttlSecondsMax, Math.max(limits.ttlSecondsMin, Math.floor(seconds)))

const later = (clock: Clock, seconds: number): string => new Date(clock.now().getTime() + seconds * 1000).toISOString()

/** A session that ends by itself within this time is waited for, not denied: AWS takes about as long to hear of it. */
const soonSeconds = 20

/** AWS's clock may be behind ours by this: what is denied stays so a little longer than it lives. */
const skewSeconds = 3600

/** Of the time for a revocation that each of a witness's two steps may take: the denial must come in any case. */
const witnessPart = 6

/** Ways to the account of a session that is to be ended. */
interface Ways {
  readonly reach: () => Promise<AwsAccount>
  readonly forWitness: () => Promise<AwsAccount>
  readonly asWitness: (session: Session) => Promise<AwsAccount>
}

async function ended(credential: EndingCredential<AwsHandle>, clock: Clock, ways: Ways): Promise<void> {
  const { handle, lease, backendId, keepWitness } = credential
  if (handle === null) return
  const left = (new Date(handle.deadBy).getTime() - clock.now().getTime()) / 1000
  if (left <= soonSeconds) return void (await sleep(Math.max(0, left) * 1000))
  const aws = await ways.reach()
  if (keepWitness !== undefined) {
    const session = { ...handle, leaseId: lease.id, backendId, seconds: sessionSeconds(left) }
    const witness = await beginWitness(await ways.forWitness(), { ...session, reachAs: ways.asWitness })
    // before the denial, or never: after it AWS lets no session of the lease do anything
    if (witness !== null) await keepWitness(witness)
  }
  const until = new Date(new Date(handle.deadBy).getTime() + skewSeconds * 1000)
  await aws.deny({ roleArn: handle.roleArn, leaseId: lease.id, until })
  await aws.clearDenials({ roleArn: handle.roleArn, now: clock.now() })
}

/** What the kind allows, for who decides about it. */
export const awsLimits: BackendLimits = limits
