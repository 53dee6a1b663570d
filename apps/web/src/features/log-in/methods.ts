import type { Wire } from '@gatehouse/contract'

/** A way to prove a second factor. */
export type Method = NonNullable<Wire<'auth.login'>['challenge']>['methods'][number]

/** A way, as a person picks it. */
export const methodWords: Readonly<Record<Method, string>> = {
  webauthn: 'Security key or passkey',
  totp: 'Code from your authenticator app',
  backupCode: 'Backup code',
}

const order: readonly Method[] = ['webauthn', 'totp', 'backupCode']
const lastKey = 'gatehouse.lastMethod'

/**
 * Ways in the order they are offered: the one used last on this device, then the strongest. A backup code is nobody's
 * habit.
 */
export function orderedMethods(methods: readonly Method[], last: string | null): readonly Method[] {
  return order.filter((method) => methods.includes(method)).toSorted((a, b) => Number(b === last) - Number(a === last))
}

/** The way used last on this device. The name of a way is no secret. */
export const lastMethod = (): string | null => localStorage.getItem(lastKey)

/** Remembers a way for the next time. */
export function rememberMethod(method: Method | 'passkey'): void {
  if (method !== 'backupCode') localStorage.setItem(lastKey, method)
}
