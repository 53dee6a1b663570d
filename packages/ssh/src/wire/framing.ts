import { Buffer } from 'node:buffer'

/** OpenSSH's own limit for one message, to an agent and over SFTP alike. */
export const MESSAGE_BYTES_MAX = 256 * 1024

/**
 * Takes whole length-prefixed messages off the front of a stream of bytes; `too-long` when one announces more than the
 * limit.
 */
export const splitMessages = (
  bytes: Uint8Array,
): { readonly messages: readonly Uint8Array[]; readonly rest: Uint8Array } | 'too-long' => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: Uint8Array[] = []
  let position = 0
  while (view.length - position >= 4) {
    const length = view.readUInt32BE(position)
    if (length > MESSAGE_BYTES_MAX) return 'too-long'
    if (view.length - position - 4 < length) break
    messages.push(view.subarray(position + 4, position + 4 + length))
    position += 4 + length
  }
  return { messages, rest: view.subarray(position) }
}
