import { dictionary } from '@zxcvbn-ts/language-common'

/** The dictionary's own name for passwords found in breaches, most common first. */
const breached = dictionary['passwords-common']

/**
 * Some 49,000 of the most common passwords of breaches, in lower case, read once per process: about 7 MiB for a look-up
 * that costs one hash.
 */
export const commonPasswords: ReadonlySet<string> = new Set(breached)
