import type { Wire } from '@gatehouse/contract'
import { call, onOurClock } from '../../api.ts'
import { offersSupported, signByOffer, withdrawOffer } from './ceremonies.ts'

type Begun = Wire<'auth.passkeyBegin'>

/** An offer is renewed this long before its challenge dies, so that picking a passkey never comes too late. */
const marginMs = 20_000

/** No clock that is wrong makes us ask the server all the time. */
const renewMsMin = 30_000

/**
 * Offers passkeys in the user name's field for as long as it is there, where the browser can. An offer that cannot be
 * made is
 * nothing to tell anybody about: the button says why when it is pressed. Answers the way to end it.
 */
export function keepOffering(onSigned: (begun: Begun, assertion: Begun['options']) => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  const offer = async (): Promise<void> => {
    const begun = await call('auth.passkeyBegin', {}).catch(() => null)
    if (begun === null || ended) return
    timer = setTimeout(() => void offer(), Math.max(renewMsMin, onOurClock(begun.expiresAt) - Date.now() - marginMs))
    const assertion = await signByOffer(begun.options).catch(() => null)
    if (assertion !== null) await onSigned(begun, assertion)
  }
  void offersSupported().then((can) => (can && !ended ? offer() : undefined))
  return () => {
    ended = true
    clearTimeout(timer)
    withdrawOffer()
  }
}
