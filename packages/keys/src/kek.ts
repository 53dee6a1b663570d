/** The key that wraps data keys, wherever it lives. */
export interface KeyEncryptionKey {
  /** Which adapter and key, such as `age:<path>`. No secret. */
  readonly uri: string
  /** Names the key itself, wherever it is kept. The database remembers it. */
  readonly fingerprint: string
  /** Wraps a data key for one purpose. Throws only when the key cannot be reached. */
  wrap(dataKey: Uint8Array, purpose: string): Promise<string>
  /**
   * Resolves to what `wrap` was given. Throws `KeyError('unwrap-failed')` for another key, another purpose or changed
   * bytes.
   */
  unwrap(wrapped: string, purpose: string): Promise<Uint8Array>
}
