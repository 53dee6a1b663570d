import type { Arrival, Sampler } from './begin-request.ts'
import type { Span, SpanRecorder } from './running-request.ts'

/** What is held for a collector that is slow or away: 2,048 spans of about half a kilobyte are a megabyte. */
export const spansQueuedMax = 2048
/** As many as go in one message. */
export const spansPerMessageMax = 512
/** A span waits no longer for others to go with it. */
const sendEveryMilliseconds = 2000
/** Of one request: a document of twenty calls has less, and a stream that is open for days has no end. */
export const spansPerRequestMax = 256

/** Why spans were not sent. */
export type SpanLoss = 'queue-full' | 'request-too-long' | 'not-sent'

export interface SpanQueueOptions {
  /** Sends a message; rejects when it was not taken. Must end by itself. */
  readonly send: (spans: readonly Span[]) => Promise<void>
  /** The part of all requests that is recorded, 0 to 1. */
  readonly ratio: number
  /** New traces a second at most, so that a flood of requests is none of spans. */
  readonly tracesPerSecondMax: number
  readonly onSent: (count: number) => void
  readonly onLost: (reason: SpanLoss, count: number) => void
  /** Told of the first message that was not taken after one that was. */
  readonly onError: (error: unknown) => void
}

/** Spans on their way to a collector. */
export interface SpanQueue extends Sampler {
  /** Sends what is there, once. Resolves in any case. */
  close(): Promise<void>
}

/**
 * Holds spans until they are sent, so many and no more: whoever works never waits for a collector. One message is under
 * way at a time; what was not taken is lost and counted, since a trace is not worth a second try before the next.
 */
export function openSpanQueue(options: SpanQueueOptions): SpanQueue {
  const { onLost, onSent } = options
  const admits = createAdmission(options)
  let queue: Span[] = []
  let sending: Promise<void> | null = null
  let failing = false

  const sendOne = async (): Promise<void> => {
    const spans = queue.slice(0, spansPerMessageMax)
    queue = queue.slice(spansPerMessageMax)
    try {
      await options.send(spans)
      onSent(spans.length)
      failing = false
    } catch (error) {
      onLost('not-sent', spans.length)
      if (!failing) options.onError(error)
      failing = true
    }
  }
  const send = (): Promise<void> => {
    if (queue.length === 0) return Promise.resolve()
    sending ??= sendOne().finally(() => (sending = null))
    return sending
  }
  const timer = setInterval(() => void send(), sendEveryMilliseconds)
  timer.unref()

  const take = (span: Span): void => {
    if (queue.length >= spansQueuedMax) return onLost('queue-full', 1)
    queue.push(span)
    if (queue.length >= spansPerMessageMax) void send()
  }

  return {
    recorderFor: (arrival) => (admits(arrival) ? boundedRecorder(take, onLost) : null),
    close: async () => {
      clearInterval(timer)
      await sending
      while (queue.length > 0 && !failing) await send()
      if (queue.length > 0) onLost('not-sent', queue.length)
    },
  }
}

function boundedRecorder(take: (span: Span) => void, onLost: SpanQueueOptions['onLost']): SpanRecorder {
  let count = 0
  return {
    record: (span) => {
      count += 1
      if (count > spansPerRequestMax) onLost('request-too-long', 1)
      else take(span)
    },
  }
}

const secondMilliseconds = 1000

/**
 * Which requests are recorded. A proxy of ours is believed that a trace is recorded, or that it is not; anybody else's
 * word says nothing, and the trace's id, which may be theirs, decides nothing either.
 */
function createAdmission({ ratio, tracesPerSecondMax }: SpanQueueOptions): (arrival: Arrival) => boolean {
  let left = tracesPerSecondMax
  let second = 0
  return ({ requestId, parent, trusted }) => {
    const wanted = trusted && parent !== null ? parent.sampled : isChosen(requestId, ratio)
    if (!wanted) return false
    const now = Math.floor(performance.now() / secondMilliseconds)
    if (now !== second) left = tracesPerSecondMax
    second = now
    left -= 1
    return left >= 0
  }
}

/** By the last 32 bits of the request's own id, which are random. */
const isChosen = (requestId: string, ratio: number): boolean =>
  Number.parseInt(requestId.slice(-8), 16) < ratio * 2 ** 32
