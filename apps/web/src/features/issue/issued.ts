import type { Wire } from '@gatehouse/contract'
import type { Host, Role } from './terms-words.ts'

/**
 * What was issued. It lives in the page's memory only: never in the URL, the title, the history or the browser's
 * storage.
 */
export type Issued =
  | { readonly kind: 'key'; readonly host: Host; readonly answer: Wire<'sshKey.generate'> }
  | { readonly kind: 'certificate'; readonly host: Host; readonly answer: Wire<'sshCertificate.sign'> }
  | { readonly kind: 'otp'; readonly host: Host; readonly answer: Wire<'sshOtp.issue'> }
  | { readonly kind: 'role'; readonly role: Role; readonly answer: Wire<'lease.issue'> }

/** A credential that is opened by its token, by somebody else. */
export type Wrapped = Wire<'lease.issue'> & { readonly wrap: NonNullable<Wire<'lease.issue'>['wrap']> }

/** The same, where it is wrapped; undefined: it is in the answer. */
export const wrappedOf = (answer: Wire<'lease.issue'>): Wrapped | undefined => {
  const { wrap } = answer
  return wrap === null ? undefined : { ...answer, wrap }
}

/** What was typed into one form is there in the next, when somebody chooses another kind. */
export interface KeptPurpose {
  readonly text: () => string
  readonly keep: (text: string) => void
}
