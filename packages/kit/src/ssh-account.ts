/** What is right where `isSshAccount` says no; for people. */
export const sshAccountRule =
  'an account of the host: letters, digits, ., _ and -, starting with a letter, a digit or _, at most 64 characters'

/**
 * Whether a text can be an account of a host. What sshd takes as a user name is taken (`first.last`, `Administrator`),
 * but nothing that one of its files could read as two names, a pattern, an option or a path: no commas, blanks,
 * wildcards, `@`, `/` and no leading `-` or `.`. The contract, the certificates and the setup script ask here.
 */
export const isSshAccount = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(text)
