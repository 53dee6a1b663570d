import type { Store } from '@gatehouse/database'
import type { Sealer } from '@gatehouse/enforcement'
import { openDataKey, type OpenDataKey } from './data-key.ts'
import type { KeyEncryptionKey } from './kek.ts'
import { associatedDataOf, readyKey, seal, unseal, type DataKey } from './wrap.ts'

export interface SealerDeps {
  readonly db: Store
  /** In the order in which they are asked; the first makes the data key of an empty database. */
  readonly keks: readonly KeyEncryptionKey[]
}

/** What seals at rest, and what whoever looks after the keys should know. */
export interface OpenSealer {
  readonly sealer: Sealer
  readonly warnings: readonly string[]
}

/** Opens the data key, making it at the very first boot. Throws `KeyError` or `KekError` where no key opens it. */
export async function openSealer({ db, keks }: SealerDeps): Promise<OpenSealer> {
  const opened = await openDataKey(db, keks)
  return { sealer: sealerUnder(opened.dataKey), warnings: warningsOf(opened, keks) }
}

function warningsOf({ wraps, failures, openedBy }: OpenDataKey, keks: readonly KeyEncryptionKey[]): string[] {
  const missing = keks.filter(({ fingerprint }) => wraps.every((wrap) => wrap.kek_fingerprint !== fingerprint))
  return [
    ...failures.map((error) => `${error.message}; the data key was opened by \`${openedBy.uri}\` in its place`),
    ...missing.map(
      ({ uri }) => `\`${uri}\` does not open the data key yet: run \`gatehouse kms change-backend\` on this machine`,
    ),
    ...(wraps.length > 1
      ? []
      : [
          `only \`${openedBy.uri}\` opens this database: if it is lost, so is all that is sealed. Keep a copy of an ` +
            'age key elsewhere, or name a second key in `[kms.second]`',
        ]),
  ]
}

/** Seals and opens under one data key, each value for its place. */
export function sealerUnder(dataKey: DataKey): Sealer {
  const key = readyKey(dataKey)
  return {
    seal: (place, plaintext) => seal(key, associatedDataOf(place), plaintext),
    unseal: (place, sealed) => unseal(key, associatedDataOf(place), sealed),
    under: sealerUnder,
  }
}
