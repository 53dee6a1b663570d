import type { Wire } from '@gatehouse/contract'

type Authenticator = Pick<Wire<'authenticator.list'>['items'][number], 'kind' | 'webauthn'>

/** What an authenticator is, as people call it. */
export function kindWords({ kind, webauthn }: Authenticator): string {
  if (kind === 'totp') return 'authenticator app'
  return webauthn?.passkey === true ? 'passkey' : 'security key'
}

/** What more is known of it: where a passkey lives, whose make a key is. */
export function makeWords({ webauthn }: Authenticator): string {
  if (webauthn === null) return ''
  const lives = webauthn.backedUp
    ? 'synced to your other devices'
    : webauthn.backupEligible
      ? 'may be synced'
      : 'on one device only'
  return [webauthn.model ?? '', lives].filter((part) => part !== '').join(' · ')
}
