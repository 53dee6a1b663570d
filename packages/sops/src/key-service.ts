import type { Secret } from '@gatehouse/contract'
import type { Stanza } from './metadata.ts'

/** A key that a document is to be encrypted for: what a rule or a flag names. */
export interface KeyName {
  /** The type of its stanza: `age`, `kms`, `hc_vault` … */
  readonly type: string
  /** Its fields in a stanza, in the order of stock SOPS, without the wrapped key. */
  readonly fields: readonly (readonly [string, string])[]
}

/** Wraps and unwraps data keys, or their shares, by one type of key. */
export interface KeyService {
  /** The type of the stanzas that it knows. */
  readonly type: string
  /** Makes the stanza. Throws `bad-recipient` for a key that it refuses. */
  wrap(key: KeyName, dataKey: Secret<Uint8Array>): Promise<Stanza>
  /** Resolves to null where it has no key for the stanza. Throws where it has one and the stanza is broken. */
  unwrap(stanza: Stanza): Promise<Secret<Uint8Array> | null>
}

/** The field of a stanza that tells its key from others of its type, as a person would write it. */
export const keyText = (type: string, fields: Readonly<Record<string, string>>): string => {
  if (type === 'hc_vault')
    return `${fields['vault_address'] ?? ''}/v1/${fields['engine_path'] ?? ''}/keys/${fields['key_name'] ?? ''}`
  if (type === 'azure_kv') return `${fields['vault_url'] ?? ''}/keys/${fields['name'] ?? ''}/${fields['version'] ?? ''}`
  if (type === 'kms') return [fields['arn'] ?? '', fields['role'] ?? ''].filter((part) => part !== '').join('+')
  return fields['recipient'] ?? fields['fp'] ?? fields['resource_id'] ?? ''
}

/** The same for a key that is named. */
export const nameText = ({ type, fields }: KeyName): string => keyText(type, Object.fromEntries(fields))
