import type { Alerts } from '@gatehouse/enforcement'
import type { KeyEncryptionKey } from '@gatehouse/keys'

/** The same key; a use of it that fails is an alert. */
export function alertingKek(kek: KeyEncryptionKey, alerts: Alerts<'kms-error'>): KeyEncryptionKey {
  const watched = async <T>(use: 'wrap' | 'unwrap' | 'generate', work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const scheme = kek.uri.slice(0, kek.uri.indexOf(':')) // the rest may be a path of this machine
      alerts.raise('kms-error', { use, kek: scheme, error: error instanceof Error ? error.message : 'unknown' })
      throw error
    }
  }
  return {
    ...kek,
    wrap: (dataKey, purpose) => watched('wrap', () => kek.wrap(dataKey, purpose)),
    unwrap: (wrapped, purpose) => watched('unwrap', () => kek.unwrap(wrapped, purpose)),
    generate: (purpose) => watched('generate', () => kek.generate(purpose)),
  }
}
