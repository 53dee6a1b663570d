/** Name of the picture → scenario and address in the gallery, which shows the real screens over a stand-in for the server. */
export const shots: Readonly<Record<string, string>> = {
  'log-in': 'anonymous/', 'first-password': 'first-password/', 'first-totp': 'first-totp/', 'overview': 'full/', 'overview-empty': 'empty/', 'overview-denied': 'denied/', 'leases': 'full/access/leases', 'lease': 'full/access/leases/l1', 'lease-revoking': 'full/access/leases/l7', 'lease-irrevocable': 'full/access/leases/l4',
  'leases-empty': 'empty/access/leases', 'leases-failing': 'failing/access/leases', 'leases-loading': 'slow/access/leases', 'keys': 'full/access/keys', 'key': 'full/access/keys/k2', 'certificates': 'full/access/certificates', 'hosts': 'full/access/hosts', 'host': 'full/access/hosts/h3', 'hosts-empty': 'empty/access/hosts',
  'register-host': 'full/access/register-host', 'issue': 'full/access/issue', 'audit': 'full/record/audit', 'audit-entry': 'full/record/audit/e1197', 'audit-denied': 'denied/record/audit', 'users': 'full/people/users', 'user': 'full/people/users/u1', 'create-user': 'full/people/new', 'teams': 'full/people/teams',
  'policies': 'full/policy', 'policy': 'full/policy/viewer-read-only', 'sessions': 'full/me/sessions', 'account': 'full/me/account', 'session-ended': 'ended/access/hosts', 'parts': '',
}
