import type { Wire } from '@gatehouse/contract'

/** How strongly a session is proved, in words. */
export const assuranceWords: Readonly<Record<Wire<'auth.whoami'>['assurance'], string>> = {
  pw: 'password only',
  mfa: 'password and second factor',
  su: 'second factor, verified recently',
}

const methodNames: Readonly<Record<string, string>> = {
  password: 'password',
  totp: 'code',
  webauthn: 'key',
  passkey: 'passkey',
  backupCode: 'backup code',
}

/** What a session was proved by, in words: `password + code`. */
export const methodsWords = (methods: readonly string[]): string =>
  [...new Set(methods)].map((method) => methodNames[method] ?? method).join(' + ')
