/** The kinds of alert that identity raises. */
export const identityAlerts = ['auth-failures', 'webauthn-backup-changed', 'webauthn-counter-rollback'] as const
export type IdentityAlert = (typeof identityAlerts)[number]
