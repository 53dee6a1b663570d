import type { AuditDraft } from '@gatehouse/enforcement'

/**
 * Acts that take sessions, tokens or credentials away before their time. Who logs out ends their own, and does so with
 * everybody else at the end of a day.
 */
const revoking: ReadonlySet<string> = new Set([
  'session.revoke',
  'session.revokeOthers',
  'user.disable',
  'user.resetPassword',
  'mfa.reset',
  'serviceAccount.disable',
  'apiToken.revoke',
  'refreshToken.reused',
  'lease.revoked',
])

/** What an act says of how many it ended. */
const counts = ['ended', 'sessionsEnded', 'tokensEnded', 'leasesEnded'] as const

/** How many an outcome has taken away. */
export function revocationsIn({ action, outcome, detail }: Pick<AuditDraft, 'action' | 'outcome' | 'detail'>): number {
  if (outcome !== 'allowed' || !revoking.has(action)) return 0
  const told = counts.map((name) => detail?.[name]).filter((value) => typeof value === 'number')
  return told.length === 0 ? 1 : told.reduce((sum, count) => sum + count, 0)
}
