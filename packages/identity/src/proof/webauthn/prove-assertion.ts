import { Refusal } from '@gatehouse/contract'
import { uid } from '@gatehouse/enforcement'
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { HandlerDeps } from '../../shared/deps.ts'
import type { MatchedFactor } from '../factor/matched-factor.ts'
import { notify } from '../../notices/notice.queries.ts'
import { selectGrants } from '../../session/session.queries.ts'
import { objection, rulesOfRoles } from './authenticator-rules.ts'
import { parseAssertion, type ReadClientData } from './ceremony-response.ts'
import { claimChallenge, type CeremonyPurpose, type ChallengeRow } from './challenge.queries.ts'
import {
  noteBackupChange,
  selectCredential,
  suspectCredential,
  useCredential,
  type OwnedCredential,
} from './credential.queries.ts'
import { verifyAssertion, type VerifiedAssertion } from './verify-assertion.ts'

/** What proving keys needs. */
export type KeyDeps = Pick<
  HandlerDeps,
  'db' | 'change' | 'clock' | 'random' | 'config' | 'settings' | 'alerts' | 'throttle'
>

/** What an assertion must have been made for. */
export interface Ceremony {
  readonly purpose: CeremonyPurpose
  readonly boundTo: string
}

interface GivenAssertion {
  readonly response: AuthenticationResponseJSON
  readonly client: ReadClientData
}

/**
 * Checks an assertion of a known person after claiming a guess, which all their factors share. Throws `invalid-input`,
 * `rate-limited`, `invalid-credentials`, or `conflict` when the role's rules have turned against the key.
 */
export async function checkAssertion(
  deps: KeyDeps,
  person: { userId: string; username: string },
  { ceremony, json }: { ceremony: Ceremony; json: Readonly<Record<string, unknown>> },
): Promise<MatchedFactor> {
  const given = parseAssertion('assertion', json)
  await deps.throttle.claim('code', person.username)
  const challenge = await claimChallenge(deps.db, { ...ceremony, id: given.client.challenge, now: deps.clock.now() })
  if (challenge === null || challenge.user_id !== person.userId) throw wrong()
  const credential = await selectCredential(deps.db, Buffer.from(given.response.id, 'base64url'))
  // another's key proves the other (threat A15)
  if (credential === null || credential.user_id !== person.userId) throw wrong()
  return judge(deps, { given, challenge, credential })
}

/** A person who has proved themselves by a passkey alone. */
export interface PasskeyProof {
  readonly userId: string
  readonly username: string
  readonly matched: MatchedFactor
}

/** Checks an assertion that says itself whose it is. Throws as `checkAssertion` does. */
export async function checkPasskey(
  deps: KeyDeps,
  id: string,
  json: Readonly<Record<string, unknown>>,
): Promise<PasskeyProof> {
  const given = parseAssertion('assertion', json)
  if (given.client.challenge !== id) throw wrong()
  const challenge = await claimChallenge(deps.db, { id, purpose: 'passkey', boundTo: null, now: deps.clock.now() })
  if (challenge === null) throw wrong()
  const credential = await selectCredential(deps.db, Buffer.from(given.response.id, 'base64url'))
  if (credential === null || !credential.passkey || given.response.response.userHandle === undefined) throw wrong()
  // who knows a credential's id may try it no more often than a code; and an account that is closed to codes is closed
  // to this (threat A7)
  await deps.throttle.claim('code', credential.username)
  return {
    userId: credential.user_id,
    username: credential.username,
    matched: await judge(deps, { given, challenge, credential }),
  }
}

/** Whether a key's answer to a challenge that it has claimed is good. Throws as `checkAssertion` does. */
export async function judge(
  deps: KeyDeps,
  { given, challenge, credential }: { given: GivenAssertion; challenge: ChallengeRow; credential: OwnedCredential },
): Promise<MatchedFactor> {
  const { userHandle } = given.response.response
  if (
    credential.suspect_at !== null ||
    (userHandle !== undefined && userHandle !== credential.handle.toString('base64url'))
  )
    throw wrong()
  const verified = await verifyAssertion(deps.config, {
    ...given,
    credential,
    requireUserVerification: challenge.user_verification,
  })
  if (verified === null) throw wrong()
  if (verified.backupEligible !== credential.backup_eligible)
    return refuseChanged(deps, credential, verified.backupEligible)
  if (hasGoneBack(credential, verified)) {
    await suspect(deps, credential, verified.counter)
    throw wrong()
  }
  await requireAllowed(deps, credential)
  return {
    method: 'webauthn',
    detail: { authenticator: credential.authenticator_id },
    spend: async (tx) => {
      if (
        !(await useCredential(tx, { authenticatorId: credential.authenticator_id, ...verified, now: deps.clock.now() }))
      )
        throw wrong()
    },
  }
}

/**
 * Refuses a key whose backup eligibility is another one than at its registration: whoever holds it holds the key, so it
 * is no guess, but by the specification it is another credential. Its person and the administrators are told.
 */
async function refuseChanged(
  deps: KeyDeps,
  { authenticator_id, user_id, username, aaguid }: OwnedCredential,
  backupEligible: boolean,
): Promise<never> {
  const first = await deps.db.transaction().execute(async (tx) => {
    if (!(await noteBackupChange(tx, { authenticatorId: authenticator_id, now: deps.clock.now() }))) return false
    await notify(tx, deps, {
      userId: user_id,
      kind: 'credentialChanged',
      text:
        `One of your passkeys ${changeWords(backupEligible)}. It cannot prove you any more: remove it and ` +
        `register it again.`,
    })
    await deps.change.event(tx, {
      name: 'authenticator.backupChanged',
      resource: uid('Authenticator', authenticator_id),
      detail: { user: user_id, authenticator: authenticator_id, backupEligible },
    })
    return true
  })
  if (first)
    deps.alerts.raise('webauthn-backup-changed', { user: user_id, authenticator: authenticator_id, backupEligible })
  await deps.throttle.giveBack('code', username)
  const { roles } = await selectGrants(deps.db, user_id)
  const barred = objection(rulesOfRoles(await deps.settings.current(), roles), { aaguid, backupEligible })
  throw new Refusal('conflict', {
    hint: `this passkey ${changeWords(backupEligible)}, so it cannot prove you any more; ${barred ?? registerAnew}`,
  })
}

const changeWords = (backupEligible: boolean): string =>
  backupEligible
    ? 'is synced to other devices now, which it was not when you registered it'
    : 'is no longer synced to other devices, as it was when you registered it'

const registerAnew =
  'log in with another authenticator or a backup code, remove this one from your account, and register it again ' +
  '(without either, ask an administrator to reset your second factors)'

/** WebAuthn §7.2 step 22. Authenticators that keep no counter stay at zero. */
const hasGoneBack = ({ counter: stored }: OwnedCredential, { counter }: VerifiedAssertion): boolean =>
  (counter > 0 || Number(stored) > 0) && counter <= Number(stored)

/**
 * Disables a credential of which there seem to be two, and says so to all who should know. In a transaction of its own:
 * the refusal that follows must not undo it.
 */
async function suspect(
  deps: KeyDeps,
  { authenticator_id, user_id, counter: stored }: OwnedCredential,
  counter: number,
): Promise<void> {
  const detail = { user: user_id, authenticator: authenticator_id, stored: Number(stored), counter }
  const first = await deps.db.transaction().execute(async (tx) => {
    if (!(await suspectCredential(tx, { authenticatorId: authenticator_id, now: deps.clock.now() }))) return false
    await notify(tx, deps, {
      userId: user_id,
      kind: 'credentialSuspect',
      text:
        'One of your security keys showed a counter that had gone back, as a copy of it would. It has been ' +
        'disabled. Remove it, register another one, and tell your administrators.',
    })
    await deps.change.event(tx, {
      name: 'authenticator.suspected',
      resource: uid('Authenticator', authenticator_id),
      detail,
    })
    return true
  })
  if (first) deps.alerts.raise('webauthn-counter-rollback', detail)
}

async function requireAllowed(
  { db, settings }: KeyDeps,
  { user_id, aaguid, backup_eligible }: OwnedCredential,
): Promise<void> {
  const { roles } = await selectGrants(db, user_id)
  const hint = objection(rulesOfRoles(await settings.current(), roles), { aaguid, backupEligible: backup_eligible })
  if (hint !== null) throw new Refusal('conflict', { hint })
}

/** Why is nobody's business who sent it. */
export const wrong = (): Refusal => new Refusal('invalid-credentials')
