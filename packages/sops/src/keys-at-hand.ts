import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Secret } from '@gatehouse/contract'
import { whyUnread } from '@gatehouse/kit'
import { ageIdentities } from './age-keys.ts'
import { utf8Text } from './formats/utf8-text.ts'
import { SopsError } from './sops-error.ts'

/** Where a program runs: its variables, and the directory that relative paths start from. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/**
 * The age identities of this machine, as stock SOPS finds them: the variable, the file that a variable names, the file
 * of the person. Throws `no-key` where the file that was named cannot be read, `encoding` where one is in UTF-16.
 */
export async function identitiesAtHand({ environment, cwd }: Surroundings): Promise<readonly Secret<string>[]> {
  const named = environment['SOPS_AGE_KEY_FILE'] ?? ''
  const files = named === '' ? [] : [await readKeyFile(resolve(cwd, named))]
  const own = keyFilePath(environment)
  const usual = await readFile(own).then(
    (bytes) => keyFileText(own, bytes),
    () => '', // most people have none
  )
  return [environment['SOPS_AGE_KEY'] ?? '', ...files, usual].flatMap(ageIdentities)
}

const readKeyFile = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new SopsError('no-key', `cannot read the age key file ${path}: ${whyUnread(cause)}`, { cause })
  })
  return keyFileText(path, bytes)
}

const keyFileText = (path: string, bytes: Uint8Array): string => {
  try {
    return utf8Text(bytes)
  } catch (cause) {
    if (!(cause instanceof SopsError)) throw cause
    throw new SopsError(cause.code, `the age key file ${path}: ${cause.message}`, { cause })
  }
}

/** Where stock SOPS looks for a person's age identities. */
export function keyFilePath(environment: Surroundings['environment']): string {
  const home = environment['HOME'] || homedir()
  const own = process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.config')
  return join(environment['XDG_CONFIG_HOME'] || own, 'sops', 'age', 'keys.txt')
}
