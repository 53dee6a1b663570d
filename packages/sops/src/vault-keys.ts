import type { KeyName } from './key-service.ts'
import { SopsError } from './sops-error.ts'

const shape = /^(https?:\/\/[^/?#\s@]+)\/v1\/([A-Za-z0-9_./-]+)\/keys\/([A-Za-z0-9_.-]+)$/

/** Keys of Vault's transit engine by their addresses: `https://vault:8200/v1/transit/keys/name`, commas between. */
export const vaultKeys = (text: string): readonly KeyName[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map(vaultKey)

/** Names that are no steps to elsewhere: a file could send a token of this machine to any path of its Vault (E8). */
export const isVaultPath = (engine: string, key: string): boolean =>
  [...engine.split('/'), key].every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && !/^\.+$/.test(part))

const vaultKey = (uri: string): KeyName => {
  const [, address, engine, key] = shape.exec(uri) ?? []
  if (address === undefined || engine === undefined || key === undefined || !isVaultPath(engine, key))
    throw new SopsError(
      'bad-recipient',
      `\`${uri.slice(0, 200)}\` is no key of a transit engine; write https://HOST/v1/transit/keys/NAME`,
    )
  return {
    type: 'hc_vault',
    fields: [
      ['vault_address', address],
      ['engine_path', engine],
      ['key_name', key],
    ],
  }
}
