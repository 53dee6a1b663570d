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
  const trouble = troubleWords(webauthn)
  return [webauthn.model ?? '', placeWords(webauthn), trouble].filter((part) => part !== '').join(' · ')
}

function placeWords({ backedUp, backupEligible }: NonNullable<Authenticator['webauthn']>): string {
  if (backedUp) return 'synced to your other devices'
  return backupEligible ? 'may be synced' : 'on one device only'
}

/** Why it does not prove its person any more; empty: it does. */
function troubleWords({ disabledAt, backupChangedAt }: NonNullable<Authenticator['webauthn']>): string {
  if (disabledAt !== undefined) return 'disabled: there may be a copy; remove it and register another one'
  return backupChangedAt === undefined ? '' : 'changed since you registered it: remove it and register it again'
}
