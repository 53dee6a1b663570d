import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { whyUnread } from '@gatehouse/kit'
import { ageKeys, identitiesAtHand, isEncrypted, openDocument, plainBytes, SopsError } from '@gatehouse/sops'
import { ConfigError, type Environment } from './environment.ts'

/** The file of settings, as it was read. */
export interface SettingsFile {
  readonly path: string
  /** In clear; null: there is none. It is kept in memory only. */
  readonly text: string | null
}

const defaultFile = 'config/security.toml'

/** To SOPS, TOML is a file like any other: it encrypts the whole. */
const format = 'binary'

/**
 * Reads the file of settings, and opens it where it is encrypted by SOPS, with an age identity of this machine
 * (`SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY`, or where stock SOPS looks). Throws `ConfigError`.
 */
export async function openSettingsFile(env: Environment, root: string): Promise<SettingsFile> {
  const { path, bytes } = fileOf(env, root)
  if (bytes === null || !isEncryptedFile(bytes)) return { path, text: bytes?.toString('utf8') ?? null }
  try {
    const services = [ageKeys(await identitiesAtHand({ environment: env, cwd: root }))]
    const opened = await openDocument(bytes, { format, services })
    return { path, text: Buffer.from(plainBytes(opened)).toString('utf8') }
  } catch (cause) {
    if (!(cause instanceof SopsError)) throw cause
    throw new ConfigError(`${path}: ${cause.message}; ${nextSteps[cause.code] ?? nextStep}`)
  }
}

const nextStep = 'put back the file as it was'
const nextSteps: Partial<Record<SopsError['code'], string>> = {
  'no-key': 'SOPS_AGE_KEY_FILE names a file with an age identity that opens it',
}

/** Reads a file that is not encrypted. Throws `ConfigError` for one that is. */
export function readSettingsFile(env: Environment, root: string): SettingsFile {
  const { path, bytes } = fileOf(env, root)
  if (bytes !== null && isEncryptedFile(bytes)) throw new ConfigError(`${path}: is encrypted, and is not opened here`)
  return { path, text: bytes?.toString('utf8') ?? null }
}

function fileOf(env: Environment, root: string): { readonly path: string; readonly bytes: Buffer | null } {
  const named = env['GATEHOUSE_CONFIG']
  const path = resolve(root, named ?? defaultFile)
  if (!existsSync(path)) {
    if (named !== undefined) throw new ConfigError(`GATEHOUSE_CONFIG: there is no file ${path}`)
    return { path, bytes: null }
  }
  try {
    return { path, bytes: readFileSync(path) }
  } catch (cause) {
    throw new ConfigError(`${path}: cannot be read: ${whyUnread(cause)}`, { cause })
  }
}

/** TOML never begins with a brace, and what SOPS makes of it always does. */
function isEncryptedFile(bytes: Buffer): boolean {
  try {
    return bytes[0] === '{'.charCodeAt(0) && isEncrypted(bytes, format)
  } catch {
    return false // the parser of settings says what is wrong with it
  }
}
