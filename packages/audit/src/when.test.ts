import { describe, expect, test } from 'vitest'
import { parsePeriod, parseWhen } from './when.ts'

const now = new Date('2026-11-23T12:00:00.000Z')

test('a month before its 31st is the last day of a shorter one', () => {
  expect(parseWhen('from', '1M', new Date('2026-03-31T12:00:00.000Z')).toISOString()).toBe('2026-02-28T12:00:00.000Z')
})

describe('a time', () => {
  test.each([
    ['90s', '2026-11-23T11:58:30.000Z'],
    ['90m', '2026-11-23T10:30:00.000Z'],
    ['2h', '2026-11-23T10:00:00.000Z'],
    ['1d', '2026-11-22T12:00:00.000Z'],
    ['2 w', '2026-11-09T12:00:00.000Z'],
    ['1M', '2026-10-23T12:00:00.000Z'],
    ['14M', '2025-09-23T12:00:00.000Z'],
    ['2026-11-23T08:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['2026-11-23T08:00:00.5+02:00', '2026-11-23T06:00:00.500Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T08:00Z', '2026-11-23T08:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseWhen('from', text, now).toISOString()).toBe(iso)
  })

  test.each([
    '99999w',
    '2026-11-23T08:00:00',
    '2026-13-01',
    '2026-02-30',
    '2026-11-31T08:00:00Z',
    '2026-02-30T00:00:00Zx',
    '1y',
    '',
    'yesterday',
    '2026-11-23 OR 1=1',
  ])("`%s` is refused by the field's name", (text) => {
    expect(() => parseWhen('from', text, now)).toThrowError(
      expect.objectContaining({
        code: 'invalid-input',
        details: { fields: [{ path: 'from', message: expect.any(String) }] },
      }),
    )
  })
})

describe('a period', () => {
  const isoOf = (from: string | undefined, to: string | undefined) => {
    const period = parsePeriod({ from, to }, now)
    return [period.from?.toISOString(), period.to?.toISOString()]
  }

  test('to a day is to the end of that day: the same day twice is that day', () => {
    expect(isoOf('2026-11-23', '2026-11-23')).toEqual(['2026-11-23T00:00:00.000Z', '2026-11-23T23:59:59.999Z'])
    expect(isoOf(undefined, '2026-11-23')).toEqual([undefined, '2026-11-23T23:59:59.999Z'])
    expect(isoOf('2h', '1h')).toEqual(['2026-11-23T10:00:00.000Z', '2026-11-23T11:00:00.000Z'])
    expect(isoOf(undefined, '2026-11-23T08:00Z')).toEqual([undefined, '2026-11-23T08:00:00.000Z'])
  })

  test('that ends before it begins is refused, and not found empty', () => {
    expect(() => parsePeriod({ from: '1h', to: '2h' }, now)).toThrowError(
      expect.objectContaining({ details: { fields: [{ path: 'to', message: expect.any(String) }] } }),
    )
  })
})
