/** A part of a stream, and whether it is the last one. */
export interface Chunk {
  readonly bytes: Buffer
  readonly isLast: boolean
}

/**
 * Cuts a stream into parts of one size; only the last may be shorter. Also of an empty stream there is a last part. It
 * holds one part and one piece of the source at a time, however long the stream is.
 */
export async function* inChunks(source: AsyncIterable<Uint8Array>, chunkBytes: number): AsyncGenerator<Chunk> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of source) {
    held.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
    heldBytes += piece.length
    // a full part is given out only when something follows it: it may be the last
    if (heldBytes <= chunkBytes) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; all.length - at > chunkBytes; at += chunkBytes)
      yield { bytes: all.subarray(at, at + chunkBytes), isLast: false }
    held = [all.subarray(at)]
    heldBytes = all.length - at
  }
  yield { bytes: Buffer.concat(held), isLast: true }
}
