import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  WebAuthnError,
} from '@simplewebauthn/browser'
import type { Wire } from '@gatehouse/contract'
import { CallRefused } from '../../api.ts'
import { LocalProblem, type Words } from '../../words.ts'

type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON']
type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON']
type CeremonyDocument = Wire<'auth.mfaOptions'>['options']

/** Whether this browser knows keys at all. */
export const keysSupported = (): boolean => browserSupportsWebAuthn()

/** Whether this browser offers passkeys where a user name is typed. */
export const offersSupported = (): Promise<boolean> => browserSupportsWebAuthnAutofill().catch(() => false)

const cancelled: Words = {
  title: 'The key was not used.',
  next: 'It was cancelled, took too long, or no key of yours for this Gatehouse is at hand. Try again, or take another way.',
}
const broken: Words = {
  title: 'The key did not work.',
  next: 'Take it out and put it in again, then try once more; or take another way.',
}
const wrongAddress: Words = {
  title: 'Keys do not work at this address.',
  next: 'A browser gives a key only to the very name it was made for. Open Gatehouse by the name that your administrator gave you.',
}

const wordsByCode: Partial<Record<WebAuthnError['code'], Words>> = {
  ERROR_PASSTHROUGH_SEE_CAUSE_PROPERTY: cancelled,
  ERROR_INVALID_DOMAIN: wrongAddress,
  ERROR_INVALID_RP_ID: wrongAddress,
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: {
    title: 'This key is registered already.',
    next: 'It stands in your list of authenticators. Use another key.',
  },
  ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT: {
    title: 'This key cannot hold a passkey.',
    next: 'Add it as a security key instead: it then stands beside your password.',
  },
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT: {
    title: 'This key cannot check that it is you.',
    next: 'Set a PIN on it and try again, or add it as a security key instead.',
  },
  ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG: {
    title: 'This key is too old for Gatehouse.',
    next: 'It knows none of the signatures that are accepted here. Use another key.',
  },
}

/** A browser that passes a key's own refusal on does so by the name of the error. */
const wordsByName: Readonly<Record<string, Words>> = {
  NotAllowedError: cancelled,
  AbortError: cancelled,
  TimeoutError: cancelled,
}

/** What a person is told when a ceremony did not come to its end. */
function problemOf(error: unknown): LocalProblem {
  if (!keysSupported())
    return new LocalProblem(
      { title: 'This browser cannot use keys.', next: 'Use a newer one, or take another way.' },
      { cause: error },
    )
  const byCode = error instanceof WebAuthnError ? wordsByCode[error.code] : undefined
  const byName = error instanceof Error ? wordsByName[error.name] : undefined
  return new LocalProblem(byCode ?? byName ?? broken, { cause: error })
}

/** Has a key sign what the server asks. Throws `LocalProblem` when nothing was signed. */
export async function signWithKey(options: CeremonyDocument): Promise<CeremonyDocument> {
  try {
    return { ...(await startAuthentication({ optionsJSON: options as unknown as RequestOptions })) } // made by the server's half of the same library; the browser checks it
  } catch (error) {
    throw problemOf(error)
  }
}

/** Offers passkeys in the user name's field, and waits until one is picked. */
export async function signByOffer(options: CeremonyDocument): Promise<CeremonyDocument> {
  try {
    return {
      ...(await startAuthentication({ optionsJSON: options as unknown as RequestOptions, useBrowserAutofill: true })),
    } // as above
  } catch (error) {
    throw problemOf(error)
  }
}

/** Takes an offer back. */
export const withdrawOffer = (): void => WebAuthnAbortService.cancelCeremony()

/** Has a key make a credential for this Gatehouse. Throws `LocalProblem` when none was made. */
export async function makeCredential(options: CeremonyDocument): Promise<CeremonyDocument> {
  try {
    return { ...(await startRegistration({ optionsJSON: options as unknown as CreationOptions })) } // as above
  } catch (error) {
    throw problemOf(error)
  }
}

/** The server's no to a key, in words about keys: its own text speaks of names and passwords. */
export function keyProblem(error: unknown): unknown {
  if (!(error instanceof CallRefused) || error.code !== 'invalid-credentials') return error
  return new LocalProblem(
    {
      title: 'This key is not accepted.',
      next:
        error.details.hint ??
        'It is not registered here, was removed, or did not check who you are. Use another key, or take another way.',
    },
    { cause: error },
  )
}
