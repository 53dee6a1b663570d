import { describe, expect, test } from 'vitest'
import { beginRequest, recordsNothing } from './begin-request.ts'
import { newSpanId, parseTraceContext, traceIdOf, traceparentOf } from './trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const good = `00-${traceId}-${spanId}-01`

describe('traceparent', () => {
  test('is read as the standard has it, and written the same', () => {
    expect(parseTraceContext(good)).toEqual({ traceId, spanId, sampled: true, state: '' })
    expect(parseTraceContext(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false)
    expect(parseTraceContext(`00-${traceId}-${spanId}-fe`)?.sampled).toBe(false)
    expect(traceparentOf({ traceId, spanId, sampled: true })).toBe(good)
  })

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceContext(`cc-${traceId}-${spanId}-01-what-the-future-holds`)).toMatchObject({ traceId, spanId })
    expect(parseTraceContext(`cc-${traceId}-${spanId}-01`)).toMatchObject({ traceId, spanId })
  })

  test.each([
    undefined,
    '',
    'ff' + good.slice(2),
    `${good}-more`,
    `${good}.`,
    ` ${good}`,
    `${good}\n`,
    `${good}, ${good}`,
    good.toUpperCase(),
    good.slice(0, -1),
    `0-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.slice(1)}g-${spanId}-01`,
    `00-${traceId}-${spanId}-0x`,
    `cc-${traceId}-${spanId}-01.x`,
    `cc-${traceId}-${spanId}-01-${'x'.repeat(600)}`,
  ])('%j is none', (text) => expect(parseTraceContext(text)).toBeNull())
})

describe('tracestate', () => {
  const stateOf = (text: string) => parseTraceContext(good, text)?.state
  test.each([
    ['rojo=00f067aa0ba902b7', 'rojo=00f067aa0ba902b7'],
    ['rojo=1 ,\tcongo=t61rcWkgMzE', 'rojo=1,congo=t61rcWkgMzE'],
    ['fw529a3039@dt=FfhYk!,,a/b*c_d-e=~', 'fw529a3039@dt=FfhYk!,a/b*c_d-e=~'],
    ['', ''],
  ])('%j goes on', (text, state) => expect(stateOf(text)).toBe(state))
  test.each([
    'Rojo=1',
    'rojo',
    'rojo=',
    'rojo=1=2',
    'rojo=ä',
    'a=1,a=2',
    `a=${'1'.repeat(600)}`,
    Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(','),
    'a=1\r\nx: y',
  ])('%j is dropped, and spoils no trace', (text) => {
    expect(stateOf(text)).toBe('')
    expect(parseTraceContext(good, text)?.traceId).toBe(traceId)
  })
})

describe('a request', () => {
  const requestId = '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70'
  test('without a trace begins one of its own id', () => {
    const { trace } = beginRequest(recordsNothing, { requestId, parent: null, trusted: false })
    expect(trace).toMatchObject({ traceId: '01939fd47a3e7c529c0b2f6d1a4e8b70', sampled: false })
    expect(trace.traceId).toBe(traceIdOf(requestId))
    expect(parseTraceContext(traceparentOf(trace))).not.toBeNull()
  })

  test('that nobody records here hands on where it came from, and no stranger’s wish to have it recorded', () => {
    const parent = { traceId, spanId, sampled: true, state: 'a=1' }
    expect(beginRequest(recordsNothing, { requestId, parent, trusted: true }).trace).toEqual(parent)
    const stranger = beginRequest(recordsNothing, { requestId, parent, trusted: false }).trace
    expect(stranger).toEqual({ ...parent, sampled: false })
  })

  test('makes ids of spans that differ', () => {
    expect(new Set(Array.from({ length: 1000 }, newSpanId)).size).toBe(1000)
    expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/)
  })
})
