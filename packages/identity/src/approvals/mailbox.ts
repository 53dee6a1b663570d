/** The mailbox behind an address: case and `+tags` lead to the same one. */
export const mailboxOf = (email: string): string => {
  const [local = '', domain = ''] = email.toLowerCase().split('@')
  return `${local.replace(/\+.*$/, '')}@${domain}`
}
