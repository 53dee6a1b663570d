import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { mfaOptions } from './mfa-options.ts'
import { passkeyBegin, passkeyComplete } from './passkey.ts'
import { registerBegin, registerComplete } from './register.ts'

type Names =
  | 'auth.mfaOptions'
  | 'auth.passkeyBegin'
  | 'auth.passkeyComplete'
  | 'webauthn.registerBegin'
  | 'webauthn.registerComplete'

/** Ceremonies of passkeys and security keys. */
export const webauthnHandlers = (deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.mfaOptions': mfaOptions(deps),
  'auth.passkeyBegin': passkeyBegin(deps),
  'auth.passkeyComplete': passkeyComplete(deps),
  'webauthn.registerBegin': registerBegin(deps),
  'webauthn.registerComplete': registerComplete(deps),
})
