import type { Wire } from '@gatehouse/contract'

type Me = Pick<Wire<'auth.whoami'>, 'id' | 'roles'> | null

/**
 * Why the person can't administer, by role; null: he may, as far as roles go. The server decides all the same: this
 * only spares a click.
 * A role that reads only pins a person down whatever stands beside it (`auditor-read-only`, `viewer-read-only`).
 */
export function whyNotAdminister(me: Me): string | null {
  const roles = me?.roles ?? []
  if (roles.includes('Auditor')) return 'Auditors change nothing but their own account.'
  if (roles.includes('Viewer')) return 'Viewers change nothing but their own account.'
  return roles.includes('Admin') ? null : `Only Admins may do this; you are ${roles.join(' and ') || 'without a role'}.`
}

/** Why the person can't look at another's sessions and authenticators; null: he may (`own-account-only`). */
export const whyNotLook = (me: Me, user: string): string | null =>
  me?.id === user || me?.roles.some((role) => role === 'Admin' || role === 'Auditor') === true
    ? null
    : "Only Admins and Auditors look at another person's sessions and authenticators."

/** Why the person can't do it to that person; oneself is never administered by oneself where `self` says so. */
export const whyNotTo = (me: Me, user: string, self: string): string | null =>
  whyNotAdminister(me) ?? (me?.id === user ? self : null)
