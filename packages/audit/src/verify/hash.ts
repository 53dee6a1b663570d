import { hash } from 'node:crypto'

/** SHA-256. */
export const hashBytes = 32

/** RFC 6962 §2.1: a leaf and a node can never have one hash, so a subtree cannot be passed off as an entry. */
const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** The hash of one entry: SHA-256(0x00 ‖ entry). */
export const leafHashOf = (entry: string | Uint8Array): Buffer =>
  // of a text the prefix is a character of it, so that nothing is copied
  hash('sha256', typeof entry === 'string' ? `\0${entry}` : Buffer.concat([leafPrefix, entry]), 'buffer')

/** Both sides of a node are laid here: of each entry's tree that is done twice, and joining buffers takes as long. */
const sides = Buffer.alloc(nodePrefix.length + 2 * hashBytes)
sides.set(nodePrefix)

/** The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHashOf(left: Uint8Array, right: Uint8Array): Buffer {
  // what somebody else calls a hash may have any length
  if (left.length !== hashBytes || right.length !== hashBytes)
    return hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')
  sides.set(left, nodePrefix.length)
  sides.set(right, nodePrefix.length + hashBytes)
  return hash('sha256', sides, 'buffer')
}

/** The root of a tree without leaves: SHA-256(). */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')

/** Roots are public; a plain comparison tells nobody anything. */
export const sameHash = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0
