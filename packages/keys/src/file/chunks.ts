/** A part of a stream, and whether it is the last one. */
export interface Chunk {
  readonly bytes: Buffer
  readonly isLast: boolean
}

/**
 * Cuts a stream into parts of one size; only the last may be shorter. Also of an empty stream there is a last part. It
 * holds one part and one piece of the source at a time, however long the stream is, and copies no piece that is a part.
 */
export async function* inChunks(source: AsyncIterable<Uint8Array>, chunkBytes: number): AsyncGenerator<Chunk> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const piece of source) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    // a full part is given out only when something follows it: it may be the last
    while (heldBytes + rest.length > chunkBytes) {
      const missing = chunkBytes - heldBytes
      yield { bytes: joined([...held, rest.subarray(0, missing)]), isLast: false }
      rest = rest.subarray(missing)
      held = []
      heldBytes = 0
    }
    held.push(rest)
    heldBytes += rest.length
  }
  yield { bytes: joined(held), isLast: true }
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only, ...more] = pieces.filter(({ length }) => length > 0)
  return only !== undefined && more.length === 0 ? only : Buffer.concat(pieces)
}
