import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import {
  BackendError,
  backendRefusal,
  endAlone,
  makeLikeOwn,
  ownToken,
  renewOwn,
  type OwnToken,
} from '@gatehouse/secrets'
import type { SshDeps } from './ssh-deps.ts'
import { countedAuthority, requireAuthority } from './ssh-authority-handlers.ts'
import {
  beginTokenRotation,
  endTokenRotation,
  keepNextToken,
  noteVaultAuthority,
  promoteNextToken,
  standingAuthorities,
  type StandingAuthority,
} from './vault-authority.queries.ts'
import { proveAuthority, reachAuthority, reached, sealToken, wayOf } from './vault-authority.ts'

/** Longer than all that is asked of the Vault meanwhile: whoever began is done or dead when it is over. */
const rotationSeconds = 90

/**
 * Replaces our token at an authority by one that nobody has seen. The new one is kept beside the old before that is
 * ended: whichever of them the Vault takes after a crash, we have it.
 */
export const rotateSshAuthority =
  (deps: SshDeps): Handler<'sshAuthority.rotate'> =>
  async (permit) => {
    const { change, clock } = deps
    const { id } = await requireAuthority(deps, permit.input.id)
    const note = () => ({ detail: { authority: id } })
    const now = clock.now()
    const until = new Date(now.getTime() + rotationSeconds * 1000)
    const begun = await change.intent(permit, (tx) => beginTokenRotation(tx, { id, now, until }), note)
    if (begun === null) throw new Refusal('conflict', { hint: 'somebody is rotating it; check again in a minute' })
    try {
      const next = await putInPlace(deps, begun)
      await change(
        permit,
        async (tx) => {
          if (!(await promoteNextToken(tx, id, next))) throw anew()
          await noteVaultAuthority(tx, id, clock.now())
        },
        note,
      )
    } catch (error) {
      await endTokenRotation(deps.db, { id, until })
      throw backendRefusal(error)
    }
    return countedAuthority(deps, id)
  }

/** Makes the next token, ends the one before, and sees that the authority signs by it. */
async function putInPlace(deps: SshDeps, begun: StandingAuthority): Promise<Buffer> {
  const { db, sealer } = deps
  const { id } = begun
  const before = await tokenTaken(deps, begun)
  const old = wayOf(deps, { ...begun, token: before })
  const fresh = { ...old, token: await makeLikeOwn(reached(deps, old)) }
  const next = sealToken(sealer, id, fresh.token)
  if (!(await keepNextToken(db, { id, before, next }))) throw anew()
  await endAlone(reached(deps, fresh), old.token)
  await proveAuthority(deps, fresh)
  return next
}

const anew = (): Refusal => new Refusal('conflict', { hint: 'it was configured anew meanwhile; call again' })

/** What the Vault takes now. One that was begun and never finished is finished here, or forgotten. */
async function tokenTaken(deps: SshDeps, row: StandingAuthority): Promise<Buffer> {
  const { next_token: next, token, id } = row
  if (next === null) return token
  try {
    await ownToken(reached(deps, wayOf(deps, row)))
    return token
  } catch (error) {
    if (!(error instanceof BackendError) || error.problem !== 'denied') throw error
    await ownToken(reached(deps, wayOf(deps, { ...row, token: next })))
    if (!(await promoteNextToken(deps.db, id, next))) throw anew()
    return next
  }
}

/** A token is renewed once it has no more left than this part of what it was made with. */
const renewShare = 0.5

/** Whether a token is to be renewed now. One without an end never is, nor one that its Vault renews for nobody. */
export const isRenewalDue = ({
  renewable,
  ttl,
  creation_ttl: whole,
}: Pick<OwnToken, 'renewable' | 'ttl' | 'creation_ttl'>): boolean => renewable && ttl < whole * renewShare

/**
 * Renews our tokens, so that one which nobody has seen never comes to its end. What does not answer is tried again in
 * the next round: whoever has it sign is told what is wrong.
 */
export async function renewAuthorityTokens(deps: SshDeps): Promise<void> {
  const rows = await standingAuthorities(deps.db)
  await Promise.allSettled(
    rows.map((row) =>
      reachAuthority(deps, row, async (way) => {
        const vault = reached(deps, way)
        if (isRenewalDue(await ownToken(vault))) await renewOwn(vault)
      }),
    ),
  )
}
