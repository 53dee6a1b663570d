import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'
import { createCopyableText } from '../../shared/copyable-text.ts'

/** Five groups are 100 bits. */
const groups = 5

/** A random password that a person can copy by hand. */
export const createOneTimePassword = (random: Random): Secret<string> => secret(createCopyableText(random, groups))
