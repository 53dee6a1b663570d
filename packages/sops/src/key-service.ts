import type { Secret } from '@gatehouse/contract'
import type { Stanza } from './metadata.ts'

/** A key that a document is to be encrypted for: what a rule or a flag names. */
export interface KeyName {
  /** The type of its stanza: `age`, `kms`, `hc_vault` … */
  readonly type: string
  /** Its fields in a stanza, in the order of stock SOPS, without the wrapped key. */
  readonly fields: readonly (readonly [string, string])[]
  /** What AWS KMS is told beside the data key, and has to be told again to open it. */
  readonly context?: Readonly<Record<string, string>>
}

/** Wraps and unwraps data keys, or their shares, by one type of key. */
export interface KeyService {
  /** The type of the stanzas that it knows. */
  readonly type: string
  /** Makes the stanza. Throws `bad-recipient` for a key that it refuses. */
  wrap(key: KeyName, dataKey: Secret<Uint8Array>): Promise<Stanza>
  /**
   * Resolves to null where it has no key for the stanza. Throws `no-key` where the key was asked and did not open it,
   * another code where the stanza is broken.
   */
  unwrap(stanza: Stanza): Promise<Secret<Uint8Array> | null>
}

/** What tells a key from others of its type, as a person would write it. */
export const keyText = ({ type, fields, context }: Pick<Stanza, 'type' | 'fields' | 'context'>): string => {
  if (type === 'hc_vault')
    return `${fields['vault_address'] ?? ''}/v1/${fields['engine_path'] ?? ''}/keys/${fields['key_name'] ?? ''}`
  if (type === 'azure_kv') return `${fields['vault_url'] ?? ''}/keys/${fields['name'] ?? ''}/${fields['version'] ?? ''}`
  if (type === 'kms') return awsKeyText(fields, context)
  return fields['recipient'] ?? fields['fp'] ?? fields['resource_id'] ?? ''
}

/** `arn+role|name:value`. A profile is a name that one machine has for its credentials, and no part of the key. */
const awsKeyText = (fields: Stanza['fields'], context: Stanza['context']): string => {
  const key = [fields['arn'] ?? '', fields['role'] ?? ''].filter((part) => part !== '').join('+')
  const told = Object.entries(context).map((pair) => pair.join(':'))
  return told.length === 0 ? key : `${key}|${told.toSorted().join(',')}`
}

/** The same for a key that is named. */
export const nameText = ({ type, fields, context = {} }: KeyName): string =>
  keyText({ type, fields: Object.fromEntries(fields), context })

/** The key of a stanza, without what it wrapped. */
export const keyNameOf = ({ type, fields, context }: Stanza): KeyName => ({
  type,
  fields: Object.entries(fields).filter(([name]) => name !== 'enc' && name !== 'created_at'),
  context,
})
