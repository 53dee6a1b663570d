import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { backendRefusal, sealSettings, targetOf } from './reach-backend.ts'
import { beginRotation, keepNext, promoteNext, readBackend, type StandingBackend } from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import { toBackend } from './secret-view.ts'

/** Longer than all that is asked of the backend meanwhile: whoever began is done or dead when it is over. */
const rotationSeconds = 90

/**
 * Replaces our own secret at a backend by one that nobody has seen. The new one is kept beside the old before the
 * backend hears of it: whichever of them it takes after a crash, we have it.
 */
export const rotateBackend =
  (deps: SecretDeps): Handler<'secretBackend.rotate'> =>
  async (permit) => {
    const { db, change, clock, sealer, providers } = deps
    const found = await readBackend(db, permit.input.id)
    if (found === null) throw new Refusal('not-found')
    const { id } = found
    const note = () => ({ detail: { backend: id } })
    const now = clock.now()
    const until = new Date(now.getTime() + rotationSeconds * 1000)
    const begun = await change.intent(permit, (tx) => beginRotation(tx, { id, now, until }), note)
    if (begun === null) throw new Refusal('conflict', { hint: 'somebody is rotating it; check again in a minute' })
    try {
      const before = await settingsTaken(deps, begun)
      const provider = providers[begun.kind]
      const target = targetOf(sealer, begun, before)
      const fresh = await provider.renewed(target)
      const next = sealSettings(sealer, id, fresh)
      if (!(await keepNext(db, { id, before, next }))) throw anew()
      await provider.replace(target, fresh)
      await provider.probe({ settings: fresh, identity: begun.identity })
      await change(
        permit,
        async (tx) => {
          if (!(await promoteNext(tx, id, next))) throw anew()
        },
        note,
      )
    } catch (error) {
      throw backendRefusal(error)
    }
    const row = await readBackend(db, id)
    if (row === null) throw new Refusal('not-found')
    return toBackend(row, providers)
  }

const anew = (): Refusal => new Refusal('conflict', { hint: 'it was configured anew meanwhile; call again' })

/** What the backend takes now. One that was begun and never finished is finished here, or forgotten. */
async function settingsTaken({ db, sealer, providers }: SecretDeps, row: StandingBackend): Promise<Buffer> {
  const { next_settings: next, settings, kind, id } = row
  if (next === null) return settings
  const provider = providers[kind]
  try {
    await provider.probe(targetOf(sealer, row, settings))
    return settings
  } catch (error) {
    if (!provider.isRefused(error)) throw error
    await provider.probe(targetOf(sealer, row, next))
    if (!(await promoteNext(db, id, next))) throw anew()
    return next
  }
}
