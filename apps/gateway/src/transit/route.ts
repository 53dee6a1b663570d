/** What of Vault's Transit engine answers here, by the words between `transit/` and the name of a key. */
const transitActions = ['encrypt', 'decrypt', 'rewrap', 'datakey/plaintext', 'datakey/wrapped', 'keys'] as const
export type TransitAction = (typeof transitActions)[number]

/** Where Vault's clients ask: the version of its interface. */
export const vaultPrefix = '/v1/'

/** What Vault's clients ask of itself, by the path. */
const own = {
  'sys/health': 'health',
  'sys/seal-status': 'seal-status',
  'sys/leader': 'leader',
  'auth/token/lookup-self': 'token',
} as const

/** A path of Vault's interface that there is something behind. */
export type VaultRoute =
  | { readonly kind: 'token' }
  | { readonly kind: 'sshVerify' }
  | { readonly kind: Exclude<(typeof own)[keyof typeof own], 'token'> }
  | { readonly kind: 'transit'; readonly action: TransitAction; readonly key: string }

const transitForm = new RegExp(`^${vaultPrefix}transit/(${transitActions.join('|')})/([^/%]+)$`)

/**
 * Where a path leads; null: nowhere. The key is as it came, and no name yet; no name needs a percent sign, so that a
 * path has one reading.
 */
export function vaultRoute(path: string): VaultRoute | null {
  for (const [ownPath, kind] of Object.entries(own)) if (path === `${vaultPrefix}${ownPath}`) return { kind }
  if (path === `${vaultPrefix}ssh/verify`) return { kind: 'sshVerify' }
  const [, action, key] = transitForm.exec(path) ?? []
  return action === undefined || key === undefined ? null : { kind: 'transit', action: action as TransitAction, key }
}

/** Whether Vault's clients ask this way. Theirs write by POST or PUT, and read by GET. */
export const isMethodOf = (route: VaultRoute, method: string): boolean => {
  const reads = route.kind !== 'sshVerify' && (route.kind !== 'transit' || route.action === 'keys')
  return (reads ? ['GET', 'HEAD'] : ['POST', 'PUT']).includes(method)
}
