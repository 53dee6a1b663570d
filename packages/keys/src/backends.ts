import { invalidField } from '@gatehouse/contract'
import type { KeyEncryptionKey } from './kek.ts'
import type { Backends } from './service/open-version.ts'

/** Further backends of the settings, by their names there. */
export interface Regions {
  readonly keks: ReadonlyMap<string, KeyEncryptionKey>
  /** Which of all backends this machine asks first; null: in the order of the settings. */
  readonly nearest: string | null
}

/** Rows remember the backend of `[kms]` by this name, whichever key the settings name today. */
export const ownBackend = 'installation'

/** That of `[kms.second]`: it opens what it wrapped, and nothing new is wrapped by it. */
const secondBackend = `${ownBackend}-2`

/** All backends by their names, the nearest first. */
export function backendsOf([first, second]: readonly KeyEncryptionKey[], { keks, nearest }: Regions): Backends {
  const own = first === undefined ? [] : [[ownBackend, first] as const]
  const other = second === undefined ? [] : [[secondBackend, second] as const]
  const all = [...own, ...keks, ...other]
  return new Map([...all.filter(([name]) => name === nearest), ...all.filter(([name]) => name !== nearest)])
}

/** Names that a key may be given. */
const namesOf = (backends: Backends): string[] => [...backends.keys()].filter((name) => name !== secondBackend)

/**
 * The name of a backend that a key may be given: said by its name, or by its kind where there is one of that kind.
 * Throws `Refusal('invalid-input')`.
 */
export function requireBackendName(backends: Backends, field: string, said: string): string {
  const names = namesOf(backends)
  if (names.includes(said)) return said
  const [only, ...more] = names.filter((name) => backends.get(name)?.uri.startsWith(`${said}:`))
  if (only !== undefined && more.length === 0) return only
  throw invalidField(field, `a backend of the settings: ${names.join(', ')}`)
}
