import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { finishEnrolment } from '../factor/finish-enrolment.ts'
import { selectGrants } from '../../session/session.queries.ts'
import { requireRoomForAnother } from '../factor/authenticators-max.ts'
import { describeAuthenticator } from '../totp/authenticator-list.ts'
import { selectAuthenticator } from '../totp/authenticator.queries.ts'
import { lockUser } from '../../directory/user.queries.ts'
import { openCeremoniesMax } from './ask-assertion.ts'
import { objection, rulesOfRoles, type CombinedRules } from './authenticator-rules.ts'
import { ceremonySeconds, createChallenge, creationOptions } from './ceremony-options.ts'
import { parseRegistration } from './ceremony-response.ts'
import { claimChallenge, insertChallenge } from './challenge.queries.ts'
import { ensureHandle, insertCredential, selectCredentialOf, selectCredentials } from './credential.queries.ts'
import { verifyRegistration, type VerifiedRegistration } from './verify-registration.ts'

/** Random, so that it says nothing of the person; as long as WebAuthn §14.6.1 recommends. */
const handleBytes = 64

/** Begins a registration: what the browser is to make, for this session only. */
export const registerBegin =
  (deps: HandlerDeps): Handler<'webauthn.registerBegin'> =>
  async (permit) => {
    const user = callingUser(permit)
    const { name, kind } = permit.input
    const now = deps.clock.now()
    const { bytes, id } = createChallenge(deps.random)
    const expiresAt = new Date(now.getTime() + ceremonySeconds * 1000)
    const rules = rulesOfRoles(await deps.settings.current(), user.roles)
    const passkey = kind === 'passkey'
    const options = await deps.change(permit, async (tx) => {
      await requireRoomForAnother(tx, user.id)
      const handle = await ensureHandle(tx, { userId: user.id, fresh: Buffer.from(deps.random.bytes(handleBytes)) })
      await insertChallenge(
        tx,
        {
          id,
          purpose: 'registration',
          bound_to: user.session.id,
          user_id: user.id,
          name,
          passkey,
          user_verification: passkey,
          created_at: now,
          expires_at: expiresAt,
        },
        openCeremoniesMax,
      )
      return creationOptions(deps.config, {
        challenge: bytes,
        user: { handle, name: user.username, displayName: user.displayName },
        passkey,
        attestation: wantsAttestation(rules) ? 'direct' : 'none',
        exclude: await selectCredentials(tx, user.id),
      })
    })
    return { id, options: { ...options }, expiresAt }
  }

/** Without it browsers hide what an authenticator is. */
const wantsAttestation = ({ attestation, allowed }: CombinedRules): boolean =>
  attestation === 'required' || allowed !== null

/**
 * Finishes a registration. From here on it is as when a TOTP authenticator was confirmed: the session is raised, and a
 * password alone opens nothing any more.
 */
export const registerComplete =
  (deps: HandlerDeps): Handler<'webauthn.registerComplete'> =>
  async (permit) => {
    const user = callingUser(permit)
    const given = parseRegistration('credential', permit.input.credential)
    const now = deps.clock.now()
    if (given.client.challenge !== permit.input.id) throw new Refusal('invalid-credentials')
    // spent before it is looked at: a credential that was refused needs a new beginning (threat A14)
    const challenge = await claimChallenge(deps.db, {
      id: permit.input.id,
      purpose: 'registration',
      boundTo: user.session.id,
      now,
    })
    if (challenge === null || challenge.user_id !== user.id) throw new Refusal('invalid-credentials')
    const made = await verifyRegistration(deps.config, {
      ...given,
      requireUserVerification: challenge.user_verification,
    })
    if (made === null) throw new Refusal('invalid-credentials')
    const id = deps.random.id()
    const name = challenge.name ?? 'security key'
    const settings = await deps.settings.current()
    return deps.change(
      permit,
      async (tx) => {
        await lockUser(tx, user.id)
        await requireRoomForAnother(tx, user.id)
        requireFit(rulesOfRoles(settings, (await selectGrants(tx, user.id)).roles), made)
        const added = await insertCredential(tx, {
          userId: user.id,
          name,
          now,
          credential: rowOf(id, made, {
            passkey: challenge.passkey === true,
            transports: given.response.response.transports ?? [],
          }),
        })
        if (!added) throw new Refusal('conflict', { hint: 'this authenticator is registered already' })
        await finishEnrolment(tx, deps, { user, method: 'webauthn', name, now })
        return describeAuthenticator(
          (await selectAuthenticator(tx, { id, userId: user.id })) ?? gone(),
          await selectCredentialOf(tx, id),
        )
      },
      () => ({
        resource: uid('Authenticator', id),
        detail: { aaguid: made.aaguid, attestation: made.attestationFormat, attested: made.attested },
      }),
    )
  }

/** Throws `conflict`, saying why, for an authenticator that the person's roles do not accept. */
function requireFit(rules: CombinedRules, made: VerifiedRegistration): void {
  const hint =
    rules.attestation === 'required' && !made.attested
      ? 'your role accepts only an authenticator that a trusted maker vouches for, and nobody vouches for this one; ' +
        'allow the browser to see make and model, or use another key'
      : objection(rules, made)
  if (hint !== null) throw new Refusal('conflict', { hint })
}

const rowOf = (
  id: string,
  made: VerifiedRegistration,
  { passkey, transports }: { passkey: boolean; transports: string[] },
) => ({
  authenticator_id: id,
  credential_id: made.credentialId,
  public_key: made.publicKey,
  counter: String(made.counter),
  transports,
  passkey,
  backup_eligible: made.backupEligible,
  backed_up: made.backedUp,
  user_verified: made.userVerified,
  aaguid: made.aaguid,
  attestation_format: made.attestationFormat,
  attestation: made.attestation,
  suspect_at: null,
})

function gone(): never {
  throw new Refusal('not-found')
}
