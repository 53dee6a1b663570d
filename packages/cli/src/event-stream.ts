import { EventSourceParserStream } from 'eventsource-parser/stream'

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/** An event longer than this is none of ours: the reader gives up rather than fill the memory. */
const bufferCharsMax = 1024 * 1024

/** Reads server-sent events (HTML standard §9.2.6) from a fetched body. Throws when the connection breaks. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent, void> {
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: bufferCharsMax }))
  for await (const { event, data } of events) yield { event: event ?? 'message', data }
}
