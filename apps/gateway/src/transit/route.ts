/** What of Vault's Transit engine answers here, by the words between `transit/` and the name of a key. */
const transitActions = ['encrypt', 'decrypt', 'rewrap', 'datakey/plaintext', 'datakey/wrapped', 'keys'] as const
export type TransitAction = (typeof transitActions)[number]

/** Where Vault's clients ask: the version of its interface. */
export const vaultPrefix = '/v1/'

/** A path of Vault's interface that there is something behind. */
export type VaultRoute =
  | { readonly kind: 'health' }
  | { readonly kind: 'transit'; readonly action: TransitAction; readonly key: string }

const transitForm = new RegExp(`^${vaultPrefix}transit/(${transitActions.join('|')})/([^/%]+)$`)

/**
 * Where a path leads; null: nowhere. The key is as it came, and no name yet; no name needs a percent sign, so that a
 * path has one reading.
 */
export function vaultRoute(path: string): VaultRoute | null {
  if (path === `${vaultPrefix}sys/health`) return { kind: 'health' }
  const [, action, key] = transitForm.exec(path) ?? []
  return action === undefined || key === undefined ? null : { kind: 'transit', action: action as TransitAction, key }
}

/** Whether Vault's clients ask this way. Theirs write by POST or PUT, and read by GET. */
export const isMethodOf = ({ kind, ...route }: VaultRoute, method: string): boolean => {
  const reads = kind === 'health' || ('action' in route && route.action === 'keys')
  return (reads ? ['GET', 'HEAD'] : ['POST', 'PUT']).includes(method)
}
