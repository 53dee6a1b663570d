import { describe, expect, test } from 'vitest'
import { canonicalTimeZone, localTimeIn } from './local-time.ts'
import { isOpenAt, parseOpenHours } from './open-hours.ts'

const clockIn = (zone: string, at: string): string => {
  const { day, date, hour, minute } = localTimeIn(zone, new Date(at))
  return `${day} ${date} ${hour}:${String(minute).padStart(2, '0')}`
}

describe('localTimeIn', () => {
  test.each([
    // Central Europe: 02:00 is 03:00 on the last Sunday of March, and 03:00 is 02:00 on that of October
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 'sun 2026-03-29 1:59'],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 'sun 2026-03-29 3:00'],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'sun 2026-10-25 2:30'],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', 'sun 2026-10-25 2:30'],
    // the United States change on other days than Europe
    ['America/New_York', '2026-03-08T06:59:00Z', 'sun 2026-03-08 1:59'],
    ['America/New_York', '2026-03-08T07:00:00Z', 'sun 2026-03-08 3:00'],
    // the south: summer time begins in October; Lord Howe moves by half an hour
    ['Australia/Sydney', '2026-10-03T16:00:00Z', 'sun 2026-10-04 3:00'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 'sun 2026-10-04 2:30'],
    // zones of quarter hours, and the date line
    ['Asia/Kathmandu', '2026-12-31T18:15:00Z', 'fri 2027-01-01 0:00'],
    ['Pacific/Kiritimati', '2026-12-31T10:00:00Z', 'fri 2027-01-01 0:00'],
    ['Pacific/Pago_Pago', '2027-01-01T10:59:00Z', 'thu 2026-12-31 23:59'],
    ['UTC', '2026-11-25T08:00:00Z', 'wed 2026-11-25 8:00'],
  ])('%s at %s shows %s', (zone, at, shown) => {
    expect(clockIn(zone, at)).toBe(shown)
  })
})

describe('canonicalTimeZone', () => {
  test.each([
    ['europe/helsinki', 'Europe/Helsinki'],
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
  ])('%s is %s', (text, name) => {
    expect(canonicalTimeZone(text)).toBe(name)
  })

  test.each([
    '',
    '+02:00',
    '02:00',
    'Europe',
    'Europe/Atlantis',
    'EU/Helsinki\u200b',
    'CEST',
    '../etc/passwd',
    'A/B/C',
  ])('%j is no time zone', (text) => {
    expect(canonicalTimeZone(text)).toBeNull()
  })

  test('an older name of a zone is taken, and clocks there are known', () => {
    const name = canonicalTimeZone('Asia/Calcutta')
    expect(name).not.toBeNull()
    expect(clockIn(name ?? '', '2026-11-25T18:30:00Z')).toBe('thu 2026-11-26 0:00')
  })
})

describe('open hours', () => {
  test.each([
    ['mon-fri 08:00-18:00', { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 480, to: 1080 }],
    ['sat 00:00-24:00', { days: ['sat'], from: 0, to: 1440 }],
  ])('%s is read', (text, hours) => {
    expect(parseOpenHours(text)).toEqual(hours)
  })

  test.each([
    'mon-fri',
    'fri-mon 08:00-18:00',
    'mon-fri 18:00-08:00',
    'mon-fri 08:00-08:00',
    'mon-fri 08:00-24:01',
    'mon-fri 08:60-18:00',
    'mon-xyz 08:00-18:00',
    'Mon-Fri 08:00-18:00',
    'mon-fri 8:00-18:00',
    ' mon-fri 08:00-18:00',
  ])('%j is not', (text) => {
    expect(parseOpenHours(text)).toBeNull()
  })

  test('are open from their first minute to before their last, by the clock on the wall', () => {
    const hours = [parseOpenHours('mon-fri 08:00-18:00')].flatMap((one) => one ?? [])
    const openAt = (at: string): boolean => isOpenAt(hours, localTimeIn('Europe/Berlin', new Date(at)))
    // Friday before and Monday after the change of March: 08:00 is 07:00Z and 06:00Z
    expect(
      ['2026-03-27T06:59:59Z', '2026-03-27T07:00:00Z', '2026-03-27T16:59:59Z', '2026-03-27T17:00:00Z'].map(openAt),
    ).toEqual([false, true, true, false])
    expect(
      ['2026-03-30T05:59:59Z', '2026-03-30T06:00:00Z', '2026-03-30T15:59:59Z', '2026-03-30T16:00:00Z'].map(openAt),
    ).toEqual([false, true, true, false])
    expect(openAt('2026-03-28T10:00:00Z')).toBe(false)
  })
})
