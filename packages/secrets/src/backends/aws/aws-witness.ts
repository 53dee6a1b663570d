import { secret, type Secret } from '@gatehouse/contract'
import { z } from 'zod'
import type { Testimony } from '../../secret-backend.ts'
import { BackendError } from '../backend-error.ts'
import { isDenied } from './aws-refusals.ts'
import type { AwsAccount, OwnKey, RoleTerms, Session } from './aws-types.ts'

/**
 * What a witness does: it changes nothing, and says no more than what an account is called. AWS answers
 * `GetCallerIdentity` under a denial as well, so that would prove nothing.
 */
export const witnessAction = 'iam:ListAccountAliases'

/** All that a witness can do, whatever its role may. */
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: witnessAction, Resource: '*' }],
})

/** A session as it is kept to ask with. */
const Kept = z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() })

export interface Witnessed extends Omit<RoleTerms, 'policy'> {
  readonly leaseId: string
  readonly backendId: string
  /** As long as the session that is to be denied. */
  readonly seconds: number
  /** Reaches AWS as a session, as long as `aws` may take. */
  readonly reachAs: (session: Session) => Promise<AwsAccount>
}

/**
 * Begins another session of a lease whose sessions are about to be denied: it has the same source identity, by which
 * they are, and can do one thing. Answers it once AWS has let it do that; null: AWS does not, or not now. Whatever goes
 * wrong here holds up no denial.
 */
export async function beginWitness(aws: AwsAccount, { reachAs, ...terms }: Witnessed): Promise<Secret<string> | null> {
  try {
    const session = await aws.begin({ ...terms, policy })
    await (await reachAs(session)).act()
    const { accessKeyId, secretAccessKey, sessionToken } = session
    const kept = { accessKeyId, secretAccessKey: secretAccessKey.expose(), sessionToken: sessionToken.expose() }
    return secret(JSON.stringify(kept satisfies z.output<typeof Kept>))
  } catch (error) {
    if (error instanceof BackendError) return null
    throw error
  }
}

/** A witness as it was kept. */
export function openWitness(kept: Secret<string>): OwnKey {
  const { accessKeyId, secretAccessKey, sessionToken } = Kept.parse(JSON.parse(kept.expose()))
  return { accessKeyId, secretAccessKey: secret(secretAccessKey), sessionToken: secret(sessionToken) }
}

/** Of a lease that has no witness. */
export const withoutWitness: Omit<Testimony, 'provider'> = {
  dead: false,
  never: true,
  said: `no session was let do ${witnessAction} before the denial; where the role may, deaths can be proved`,
  facts: {},
}

/** Asks as the witness. Throws where AWS answers neither that it may nor that it may not. */
export async function heardOf(
  aws: AwsAccount,
  { roleArn, accessKeyId }: { readonly roleArn: string; readonly accessKeyId: string },
): Promise<Omit<Testimony, 'provider'>> {
  const facts = { action: witnessAction, role: roleArn, session: accessKeyId, tookBefore: true }
  try {
    await aws.act()
    return { dead: false, said: `AWS still lets a session of the lease do ${witnessAction}`, facts }
  } catch (error) {
    if (!(error instanceof BackendError) || !isDenied(error)) throw error
    return { dead: true, said: `AWS denies a session of the lease what it let it do before: ${witnessAction}`, facts }
  }
}
