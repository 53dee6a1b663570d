import { describe, expect, it } from 'vitest'
import { eventsOf } from './event-stream.ts'

async function read(...chunks: string[]): Promise<{ event: string; data: string }[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
  const events = await Array.fromAsync(eventsOf(body))
  return events.map(({ event = 'message', data }) => ({ event, data }))
}

describe('an event stream', () => {
  it('is read whole however the network cuts it', async () => {
    const whole = 'event: next\ndata: {"a":"ä"}\n\nevent: complete\ndata:\n\n'
    const expected = [
      { event: 'next', data: '{"a":"ä"}' },
      { event: 'complete', data: '' },
    ]
    expect(await read(whole)).toEqual(expected)
    expect(await read(...whole)).toEqual(expected)
  })

  it('passes over comments, which keep a connection alive', async () => {
    expect(await read(':\n\n', ': ping\n\nevent: next\ndata: 1\n\n')).toEqual([{ event: 'next', data: '1' }])
  })

  it('joins the lines of one event and takes Windows line ends', async () => {
    expect(await read('event: next\r\ndata: 1\r\ndata: 2\r\n\r\n')).toEqual([{ event: 'next', data: '1\n2' }])
  })

  it('drops an event that was cut off', async () => {
    expect(await read('event: next\ndata: 1')).toEqual([])
  })

  it('that never ends an event is given up rather than kept in memory', async () => {
    await expect(read(`data: ${'x'.repeat(600_000)}`, 'x'.repeat(600_000))).rejects.toThrow()
  })
})
