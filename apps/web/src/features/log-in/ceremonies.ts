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
  next:
    'It was cancelled, timed out, or none of your keys for this Gatehouse is available. Try again ' +
    'or use another method.',
}
const broken: Words = { title: 'The key did not work.', next: 'Reconnect it and try again, or use another method.' }
const wrongAddress: Words = {
  title: 'Keys do not work at this address.',
  next:
    'Keys are bound to the address that they were registered for. Open Gatehouse at the address ' +
    'that your administrator gave you.',
}

const wordsByCode: Partial<Record<WebAuthnError['code'], Words>> = {
  ERROR_PASSTHROUGH_SEE_CAUSE_PROPERTY: cancelled,
  ERROR_INVALID_DOMAIN: wrongAddress,
  ERROR_INVALID_RP_ID: wrongAddress,
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: {
    title: 'This key is already registered.',
    next: 'It is in your list of authenticators. Use another key.',
  },
  ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT: {
    title: 'This key cannot store a passkey.',
    next: 'Add it as a security key instead, to use it with your password.',
  },
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT: {
    title: 'This key cannot verify its user.',
    next: 'Set a PIN on it and try again, or add it as a security key instead.',
  },
  ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG: {
    title: 'This key is not supported.',
    next: 'It supports none of the accepted signature algorithms. Use another key.',
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
      { title: 'This browser does not support security keys.', next: 'Use another browser or another method.' },
      { cause: error },
    )
  const byCode = error instanceof WebAuthnError ? wordsByCode[error.code] : undefined
  const byName = error instanceof Error ? wordsByName[error.name] : undefined
  return new LocalProblem(byCode ?? byName ?? broken, { cause: error })
}

/** Has a key sign what the server asks. Throws `LocalProblem` when nothing was signed. */
export async function signWithKey(options: CeremonyDocument): Promise<CeremonyDocument> {
  try {
    // made by the server's half of the same library; the browser checks it
    return { ...(await startAuthentication({ optionsJSON: options as unknown as RequestOptions })) }
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
        'It is not registered, was removed, or did not verify its user. Use another key or another method.',
    },
    { cause: error },
  )
}
