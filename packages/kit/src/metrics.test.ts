import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

const open = () =>
  createMetrics({
    calls_total: { kind: 'counter', help: 'Calls.', labels: ['action', 'result'] },
    plain_total: { kind: 'counter', help: 'Plain.', labels: [] },
    known_total: { kind: 'counter', help: 'Known.', labels: ['kind'], from: [['a'], ['b']] },
    standing: { kind: 'gauge', help: 'Standing.', labels: ['type'] },
    took_seconds: { kind: 'histogram', help: 'Took.', labels: [] },
  })

const linesOf = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(name))

test('a counter counts each set of labels, and what is known ahead stands at zero', () => {
  const metrics = open()
  metrics.add('calls_total', ['a', 'ok'])
  metrics.add('calls_total', ['a', 'ok'], 2)
  metrics.add('calls_total', ['b', 'ok'])
  metrics.add('known_total', ['b'])
  const text = metrics.text()
  expect(linesOf(text, 'calls_total')).toEqual([
    'calls_total{action="a",result="ok"} 3',
    'calls_total{action="b",result="ok"} 1',
  ])
  expect(linesOf(text, 'plain_total')).toEqual(['plain_total 0'])
  expect(linesOf(text, 'known_total')).toEqual(['known_total{kind="a"} 0', 'known_total{kind="b"} 1'])
  expect(text).toContain('# HELP calls_total Calls.\n# TYPE calls_total counter\n')
})

test('a gauge is what was last read, rows that are gone included', () => {
  const metrics = open()
  metrics.set('standing', [
    { labels: ['x'], value: 2 },
    { labels: ['y'], value: 1 },
  ])
  metrics.set('standing', [{ labels: ['y'], value: 4 }])
  expect(linesOf(metrics.text(), 'standing')).toEqual(['standing{type="y"} 4'])
})

test('the buckets of a histogram hold all that is not more, and the last one everything', () => {
  const metrics = open()
  for (const seconds of [0.000_01, 0.0001, 0.2, 60]) metrics.observe('took_seconds', [], seconds)
  const lines = linesOf(metrics.text(), 'took_seconds')
  expect(lines).toContain('took_seconds_bucket{le="0.00005"} 1')
  expect(lines).toContain('took_seconds_bucket{le="0.0001"} 2')
  expect(lines).toContain('took_seconds_bucket{le="0.1"} 2')
  expect(lines).toContain('took_seconds_bucket{le="5"} 3')
  expect(lines.slice(-3)).toEqual([
    'took_seconds_bucket{le="+Inf"} 4',
    'took_seconds_sum 60.20011',
    'took_seconds_count 4',
  ])
})

test('a histogram with labels has buckets for each of their values, once there is one', () => {
  const metrics = createMetrics({
    dead_seconds: { kind: 'histogram', help: 'Dead.', labels: ['type'], bounds: [1, 60] },
  })
  expect(linesOf(metrics.text(), 'dead_seconds')).toEqual([])
  metrics.observe('dead_seconds', ['a'], 30)
  metrics.observe('dead_seconds', ['b'], 0.5)
  expect(linesOf(metrics.text(), 'dead_seconds')).toEqual([
    'dead_seconds_bucket{type="a",le="1"} 0',
    'dead_seconds_bucket{type="a",le="60"} 1',
    'dead_seconds_bucket{type="a",le="+Inf"} 1',
    'dead_seconds_sum{type="a"} 30',
    'dead_seconds_count{type="a"} 1',
    'dead_seconds_bucket{type="b",le="1"} 1',
    'dead_seconds_bucket{type="b",le="60"} 1',
    'dead_seconds_bucket{type="b",le="+Inf"} 1',
    'dead_seconds_sum{type="b"} 0.5',
    'dead_seconds_count{type="b"} 1',
  ])
})

test('no value of a label can end it or its line', () => {
  const metrics = open()
  metrics.add('calls_total', ['a"} 9\nfake_total 1', '\\'])
  expect(linesOf(metrics.text(), 'calls_total')).toEqual([
    String.raw`calls_total{action="a\"} 9\nfake_total 1",result="\\"} 1`,
  ])
  expect(linesOf(metrics.text(), 'fake_total')).toEqual([])
})

test('more rows than there is room for cost nothing more', () => {
  const metrics = open()
  for (let row = 0; row < 6000; row += 1) metrics.add('calls_total', [String(row), 'ok'])
  metrics.add('calls_total', ['0', 'ok'])
  const lines = linesOf(metrics.text(), 'calls_total')
  expect(lines).toHaveLength(5000)
  expect(lines[0]).toBe('calls_total{action="0",result="ok"} 2')
})
