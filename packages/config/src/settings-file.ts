import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { utf16Of, whyUnread } from '@gatehouse/kit'
import { ConfigError, type Environment } from './environment.ts'

/** The file of settings, as it was read. */
export interface SettingsFile {
  readonly path: string
  /** In clear; null: there is none. It is kept in memory only. */
  readonly text: string | null
}

const defaultFile = 'config/security.toml'

/**
 * Reads the file of settings, and opens it where it is encrypted by SOPS, with an age identity of this machine
 * (`SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY`, or where stock SOPS looks). Throws `ConfigError`.
 */
export async function openSettingsFile(env: Environment, root: string): Promise<SettingsFile> {
  const { path, bytes } = fileOf(env, root)
  if (bytes === null || !looksEncrypted(bytes)) return { path, text: bytes?.toString('utf8') ?? null }
  // most files are not encrypted: their start shall not load what opens the others
  const { ageKeys, identitiesAtHand, openDocument, plainBytes, SopsError } = await import('@gatehouse/sops')
  try {
    const services = [ageKeys(await identitiesAtHand({ environment: env, cwd: root }))]
    const opened = await openDocument(bytes, { format: 'binary', services })
    return { path, text: Buffer.from(plainBytes(opened)).toString('utf8') }
  } catch (error) {
    if (!(error instanceof SopsError)) throw error
    throw new ConfigError(`${path}: ${error.message}; ${nextSteps[error.code] ?? nextStep}`)
  }
}

const nextStep = 'put back the file as it was'
const nextSteps: Readonly<Record<string, string>> = {
  malformed: 'settings are TOML, or TOML that SOPS encrypted',
  'not-encrypted': 'settings are TOML, or TOML that SOPS encrypted',
  'no-key': 'SOPS_AGE_KEY_FILE names a file with an age identity that opens it',
}

/** Reads a file that is not encrypted. Throws `ConfigError` for one that is. */
export function readSettingsFile(env: Environment, root: string): SettingsFile {
  const { path, bytes } = fileOf(env, root)
  if (bytes !== null && looksEncrypted(bytes)) throw new ConfigError(`${path}: is encrypted, and is not opened here`)
  return { path, text: bytes?.toString('utf8') ?? null }
}

function fileOf(env: Environment, root: string): { readonly path: string; readonly bytes: Buffer | null } {
  const named = env['GATEHOUSE_CONFIG']
  const path = resolve(root, named ?? defaultFile)
  if (!existsSync(path)) {
    if (named !== undefined) throw new ConfigError(`GATEHOUSE_CONFIG: there is no file ${path}`)
    return { path, bytes: null }
  }
  const bytes = bytesOf(path)
  if (utf16Of(bytes) !== null) throw new ConfigError(`${path}: is in UTF-16; save it as UTF-8`)
  return { path, bytes }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ConfigError(`${path}: cannot be read: ${whyUnread(cause)}`, { cause })
  }
}

/** TOML never begins with a brace, and what SOPS makes of it, encrypted as a whole, always does. */
const looksEncrypted = (bytes: Buffer): boolean => bytes[0] === '{'.charCodeAt(0)
