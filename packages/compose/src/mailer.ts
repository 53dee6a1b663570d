import type { Config } from '@gatehouse/config'
import { secret } from '@gatehouse/contract'
import { createSmtpMailer, type Mailer } from '@gatehouse/identity'

/** Where mail is set up, what sends it; null: nothing is claimed, and notices stay in people's lists. */
export function mailerOf({ settings: { notify }, runtime }: Config): Mailer | null {
  if (notify.smtp_url === undefined) return null
  const domain = new URL(runtime.publicUrl).hostname
  return createSmtpMailer({
    url: secret(notify.smtp_url),
    from: notify.from ?? `Gatehouse <gatehouse@${domain}>`,
    domain,
    allowPlaintext: notify.allow_plaintext_smtp,
  })
}
