/** How a backend differs from others, as data: nobody asks which backend it is. */
export interface KekTraits {
  /** The longest plaintext that it wraps. What is longer is sealed under a data key that it wraps. */
  readonly plaintextBytesMax: number
  /** Whether the backend itself checks the purpose, or we find it inside what it has unwrapped. */
  readonly purpose: 'checked-there' | 'checked-here'
  /** Who makes the bytes of a new data key. */
  readonly dataKeys: 'made-there' | 'made-here'
  /** Whether what is wrapped leaves this machine. */
  readonly reach: 'local' | 'remote'
  /** Whether a quantum computer would open what is wrapped today. */
  readonly quantum: 'safe' | 'unsafe'
}

/** A new data key, and the same as it is kept. */
export interface GeneratedKey {
  readonly dataKey: Uint8Array
  readonly wrapped: string
}

/**
 * The key that wraps data keys, wherever it lives. All of its calls may be made again: none leaves anything behind.
 * They throw `KekError`, which says which key it was and what to do, and holds nothing of what was wrapped.
 */
export interface KeyEncryptionKey {
  /** Which adapter and key, such as `age:<path>`. No secret. */
  readonly uri: string
  /** Names the key itself, wherever it is kept. The database remembers it. */
  readonly fingerprint: string
  readonly traits: KekTraits
  /** Wraps a data key for one purpose. Never makes a key encryption key where there is none. */
  wrap(dataKey: Uint8Array, purpose: string): Promise<string>
  /**
   * Resolves to what `wrap` was given. Throws `KekError('unwrap-failed')` for another key, another purpose or changed
   * bytes.
   */
  unwrap(wrapped: string, purpose: string): Promise<Uint8Array>
  /** A new data key of 32 bytes, made where the bytes are best. */
  generate(purpose: string): Promise<GeneratedKey>
  /** Proves that the key is there and usable, without wrapping anything. */
  probe(): Promise<void>
  /** Whether it is left alone for some seconds, since it has not answered for a while; absent: it never is. */
  isResting?(): boolean
}

/** Where the settings name a key encryption key. */
export interface KekPlace {
  /** Such as `kms`, `kms.second`, `kms.regions.north`. */
  readonly section: string
  readonly kind: 'age' | 'vault' | 'aws' | 'pkcs11' | 'cosmian'
  /** Of the key that was opened; null: the settings name it, and it is not here. */
  readonly uri: string | null
}
