/** One event of a server-sent stream. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/** A line longer than this is no event of ours. */
const LINE_CHARS_MAX = 1024 * 1024

/** Reads `text/event-stream` (HTML §9.2.6): comments and unknown fields are skipped, data lines are joined. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  let event = 'message'
  let data: string[] = []
  for await (const line of readLines(body)) {
    if (line === '') {
      if (data.length > 0 || event !== 'message') yield { event, data: data.join('\n') }
      event = 'message'
      data = []
      continue
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (name === 'event') event = value
    if (name === 'data') data.push(value)
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let waiting = ''
  for await (const chunk of body) {
    const lines = (waiting + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    waiting = lines.pop() ?? ''
    if (waiting.length > LINE_CHARS_MAX) return
    yield* lines
  }
}
