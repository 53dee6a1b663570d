/** A line of no export of ours is as long; what is longer was made to fill our memory. */
export const lineBytesMax = 16 * 1024 * 1024

/** A line as its bytes, without the line feed. */
export interface Line {
  readonly bytes: Buffer
  /** False: it is the last one, and was cut off. */
  readonly ended: boolean
}

/** Lines that are too long to be ours. */
export class LongLineError extends Error {
  override readonly name = 'LongLineError'
}

/**
 * The lines of a file as they come, byte for byte: what is decoded first can be changed without being seen. Keeps no
 * more than one of them. Throws `LongLineError`.
 */
export async function* linesOf(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let rest: Buffer[] = []
  let kept = 0
  for await (const part of source) {
    const chunk = typeof part === 'string' ? Buffer.from(part, 'utf8') : Buffer.from(part)
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield { bytes: joined(rest, chunk.subarray(start, end)), ended: true }
      ;[rest, kept, start] = [[], 0, end + 1]
    }
    if (start === chunk.length) continue
    rest.push(chunk.subarray(start))
    kept += chunk.length - start
    if (kept > lineBytesMax) throw new LongLineError(`a line has more than ${lineBytesMax} bytes`)
  }
  if (rest.length > 0) yield { bytes: joined(rest, Buffer.alloc(0)), ended: false }
}

const joined = (rest: readonly Buffer[], last: Buffer): Buffer =>
  rest.length === 0 ? last : Buffer.concat([...rest, last])
