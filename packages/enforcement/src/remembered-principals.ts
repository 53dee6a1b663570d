import { Refusal } from '@gatehouse/contract'
import type { Caller } from './call.ts'
import type { Authenticator } from './ports.ts'
import { anonymous, CallerMovedError, type Principal } from './principal.ts'

/** Who calls is looked up once per HTTP request, however many operations it carries. */
export interface RememberedPrincipals {
  (caller: Caller): Promise<Principal>
  /** Who they were a moment ago, where that is known and the request has not been looked at yet (ADR 091). */
  readonly assumed: (caller: Caller) => Promise<Principal>
  /** Who was proved already in this request; anonymous when nobody was. */
  readonly known: (caller: Caller) => Promise<Principal>
  /** Does work, and does it again by a new look where its caller was not who they were known to be. */
  readonly provingAgain: <T>(caller: Caller, work: () => Promise<T>) => Promise<T>
}

/** Nobody moves more often while one call is under way, unless they mean to. */
const looksMax = 3

export function rememberedPrincipals(
  authenticator: Pick<Authenticator, 'authenticate' | 'assume'>,
): RememberedPrincipals {
  const authentications = new WeakMap<Caller, Promise<Principal>>()
  const assumptions = new WeakMap<Caller, Promise<Principal | null>>()

  const authenticate = (caller: Caller): Promise<Principal> => {
    const known = authentications.get(caller) ?? authenticator.authenticate(caller)
    authentications.set(caller, known)
    return known
  }
  const assumed = async (caller: Caller): Promise<Principal> => {
    if (authentications.has(caller) || authenticator.assume === undefined) return authenticate(caller)
    const known = assumptions.get(caller) ?? authenticator.assume(caller)
    assumptions.set(caller, known)
    return (await known) ?? authenticate(caller)
  }
  const known = async (caller: Caller): Promise<Principal> => {
    if (!authentications.has(caller) && !assumptions.has(caller)) return anonymous
    return authenticate(caller).catch(() => anonymous)
  }
  const provingAgain = async <T>(caller: Caller, work: () => Promise<T>): Promise<T> => {
    for (let looks = 0; ; looks += 1) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof CallerMovedError)) throw error
        if (looks === looksMax) throw new Refusal('unavailable', { retryAfterSeconds: 1 }, { cause: error })
        // from here on nobody is assumed in this request; a refusal is for the work to record
        authentications.delete(caller)
        await authenticate(caller).catch(() => undefined)
      }
    }
  }
  return Object.assign(authenticate, { assumed, known, provingAgain })
}
