import type { EventSourceMessage } from 'eventsource-parser'
import { EventSourceParserStream } from 'eventsource-parser/stream'

/** A line longer than this is no event of ours: the reader gives up rather than fill the memory. */
const bufferCharsMax = 1_000_000

/** Reads server-sent events (HTML standard §9.2.6) from a fetched body. Throws when the connection breaks. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage, void> {
  const reader = body
    // the DOM library types the decoder by BufferSource
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: bufferCharsMax, onError: 'terminate' }))
    .getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // the stream may have failed already, and then there is nothing to cancel
    await reader.cancel().catch(() => undefined)
  }
}
