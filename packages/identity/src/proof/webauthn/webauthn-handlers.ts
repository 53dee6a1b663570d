import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { mfaOptions } from './mfa-options.ts'
import { registerBegin, registerComplete } from './register.ts'

type Names = 'auth.mfaOptions' | 'webauthn.registerBegin' | 'webauthn.registerComplete'

/** Ceremonies of passkeys and security keys. */
export const webauthnHandlers = (deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.mfaOptions': mfaOptions(deps),
  'webauthn.registerBegin': registerBegin(deps),
  'webauthn.registerComplete': registerComplete(deps),
})
