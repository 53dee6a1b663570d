/** Gmail gives these domains the same mailboxes, and takes no notice of dots in their names. */
const gmailDomains: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com'])

/**
 * The mailbox behind an address: case and `+tags` lead to the same one; with Gmail dots and the other domain do, too.
 * INVARIANT: it only says whether two accounts are one person's. No mail is sent there, and nobody logs in by it: what
 * one provider holds for the same another need not.
 */
export const mailboxOf = (email: string): string => {
  const [local = '', domain = ''] = email.toLowerCase().split('@')
  const name = local.replace(/\+.*$/, '')
  return gmailDomains.has(domain) ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`
}
