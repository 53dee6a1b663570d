/** The bytes of a stream, at most so many: the rest is not waited for, since it may never end. */
export const boundedBytes = async (stream: AsyncIterable<unknown>, bytesMax: number): Promise<Uint8Array> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const buffer = Buffer.from(chunk as Uint8Array | string) // a stream without an encoding yields buffers
    chunks.push(buffer)
    bytes += buffer.length
    if (bytes >= bytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}
