/** One mail to one person, as text. */
export interface Mail {
  /** Names it among all mails, the same at every try: who gets it twice can tell. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Hands mails on. */
export interface Mailer {
  /**
   * Answers `taken` once the server has promised to deliver it, and `refused` when it never will take this mail to this
   * address.
   * Throws `MailError` when it did not take it now, or when nobody knows whether it did.
   */
  send(mail: Mail): Promise<'taken' | 'refused'>
}

/** A mail was not taken. Says no address, no content and no credential: it goes to the log. */
export class MailError extends Error {
  override readonly name = 'MailError'
}
