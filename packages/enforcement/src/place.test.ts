import { parseOpenHours } from '@gatehouse/kit'
import { expect, test } from 'vitest'
import { placeFacts, readHours, type Place } from './place.ts'

const helsinki: Place = {
  timeZone: 'Europe/Helsinki',
  businessHours: readHours(['mon-fri 08:00-18:00', 'sat 10:00-14:00']),
  holidays: ['2026-12-24', '2026-12-25'],
  onCall: [{ userId: 'ada', from: new Date('2026-12-24T16:00:00Z'), to: new Date('2026-12-25T06:00:00Z') }],
  networks: ['10.0.0.0/8', '2001:db8::/32'],
}
const factsAt = (at: string, place: Place | null = helsinki, { address = '10.1.2.3', principalId = 'ada' } = {}) =>
  placeFacts(place, { now: new Date(at), address, principalId })

test('the hour, the day and the hours are those of the clock on the wall there', () => {
  expect(factsAt('2026-11-25T06:00:00Z')).toEqual({
    localHour: 8,
    localDay: 'wed',
    businessHours: true,
    weekend: false,
    holiday: false,
    onCall: false,
    corporateNetwork: true,
  })
  expect(factsAt('2026-11-25T05:59:59.999Z')).toMatchObject({ localHour: 7, businessHours: false })
  // summer time: an hour earlier by UTC
  expect(factsAt('2026-07-01T05:00:00Z')).toMatchObject({ localHour: 8, businessHours: true })
  // Friday evening by UTC is Saturday there
  expect(factsAt('2026-11-27T22:00:00Z')).toMatchObject({ localHour: 0, localDay: 'sat', weekend: true })
  expect(factsAt('2026-11-28T08:00:00Z')).toMatchObject({ weekend: true, businessHours: true })
})

test('no hour of a holiday there is a business hour, and the day begins and ends by the clock there', () => {
  expect(factsAt('2026-12-24T10:00:00Z')).toMatchObject({ holiday: true, businessHours: false })
  expect(factsAt('2026-12-23T22:00:00Z')).toMatchObject({ holiday: true })
  expect(factsAt('2026-12-23T21:59:59Z')).toMatchObject({ holiday: false })
})

test('on call is who has a shift at that moment, from its first to before its last', () => {
  const times = ['2026-12-24T15:59:59Z', '2026-12-24T16:00:00Z', '2026-12-25T05:59:59Z', '2026-12-25T06:00:00Z']
  expect(times.map((at) => factsAt(at).onCall)).toEqual([false, true, true, false])
  expect(factsAt('2026-12-24T20:00:00Z', helsinki, { principalId: 'bob' }).onCall).toBe(false)
})

test('corporate is who calls from one of the networks, in any spelling; where none is named, everybody', () => {
  const from = (address: string, place: Place | null = helsinki) =>
    factsAt('2026-11-25T06:00:00Z', place, { address }).corporateNetwork
  expect(['10.255.0.1', '::ffff:10.0.0.1', '2001:DB8::7'].map((address) => from(address))).toEqual([true, true, true])
  expect(['11.0.0.1', '2001:db9::1', '', 'unknown'].map((address) => from(address))).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(from('11.0.0.1', { ...helsinki, networks: [] })).toBe(true)
})

test('outside workspaces it is UTC, nobody is on call and no network is corporate', () => {
  expect(factsAt('2026-11-25T08:00:00Z', null)).toEqual({
    localHour: 8,
    localDay: 'wed',
    businessHours: true,
    weekend: false,
    holiday: false,
    onCall: false,
    corporateNetwork: false,
  })
})

test('hours that are not understood open nothing', () => {
  expect(parseOpenHours('always')).toBeNull()
  expect(factsAt('2026-11-25T10:00:00Z', { ...helsinki, businessHours: readHours(['always']) }).businessHours).toBe(
    false,
  )
})
