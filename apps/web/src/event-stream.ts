/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/** A line longer than this is no event of ours: the reader gives up rather than fill the memory. */
const bufferCharsMax = 1_000_000

function eventOf(block: string): StreamEvent | null {
  const fields = block
    .split(/\r?\n/)
    .filter((line) => !line.startsWith(':'))
    .map((line) => /^([^:]*)(?:: ?(.*))?$/s.exec(line))
  const values = (key: string): string[] =>
    fields.filter((field) => field?.[1] === key).map((field) => field?.[2] ?? '')
  const data = values('data')
  const event = values('event').at(-1)
  if (event === undefined && data.length === 0) return null
  return { event: event ?? 'message', data: data.join('\n') }
}

/** Reads server-sent events (HTML standard §9.2.6) from a fetched body. Throws when the connection breaks. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent, void> {
  // the DOM library types the decoder by BufferSource
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let buffer = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      buffer += value
      if (buffer.length > bufferCharsMax) throw new RangeError('an event is too long')
      const blocks = buffer.split(/\r?\n\r?\n/)
      buffer = blocks.pop() ?? ''
      yield* blocks.map(eventOf).filter((event) => event !== null)
    }
  } finally {
    // the stream may have failed already, and then there is nothing to cancel
    await reader.cancel().catch(() => undefined)
  }
}
