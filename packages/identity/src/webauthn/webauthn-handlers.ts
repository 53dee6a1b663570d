import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'auth.mfaOptions' | 'auth.passkeyBegin' | 'auth.passkeyComplete' | 'webauthn.registerBegin' | 'webauthn.registerComplete'

/** Ceremonies of passkeys and security keys. */
export const webauthnHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.mfaOptions': notYet,
  'auth.passkeyBegin': notYet,
  'auth.passkeyComplete': notYet,
  'webauthn.registerBegin': notYet,
  'webauthn.registerComplete': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
