/** Which of the two UTF-16s some bytes are, by their byte order mark, or else by how they begin. */
export interface Utf16 {
  readonly encoding: 'utf-16le' | 'utf-16be'
  readonly isMarked: boolean
}

/** What text in UTF-16 begins with; null: these bytes are nothing of the kind. */
export function utf16Of(bytes: Uint8Array): Utf16 | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', isMarked: true }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', isMarked: true }
  return unmarkedUtf16(bytes)
}

/** Enough of a file to know it by. */
const sampleBytes = 64

/** Plain letters in UTF-16 have a zero in every second byte: the first of two, where the larger one comes first. */
function unmarkedUtf16(bytes: Uint8Array): Utf16 | null {
  const sample = bytes.subarray(0, sampleBytes)
  if (sample.length < 4) return null
  const zeros = (offset: 0 | 1): number => sample.filter((byte, index) => index % 2 === offset && byte === 0).length
  const [first, second] = [zeros(0), zeros(1)]
  if (Math.max(first, second) <= sample.length / 4) return null
  return { encoding: first > second ? 'utf-16be' : 'utf-16le', isMarked: false }
}
