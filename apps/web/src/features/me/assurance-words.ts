import type { Wire } from '@gatehouse/contract'

/** How strongly a session is proved, in words. */
export const assuranceWords: Readonly<Record<Wire<'auth.whoami'>['assurance'], string>> = {
  pw: 'password only',
  mfa: 'password and second factor',
  su: 'second factor, proved just now',
}
