import { expect, test } from 'vitest'
import { alertOfEvent } from './alerts-from-events.ts'

test('the token of a wrapped credential that is brought a second time is an alert about its lease', () => {
  const detail = { what: 'opened before', role: 'shop-read', backend: 'postgres', openedAt: '2026-11-29T18:00:00.000Z' }
  const resource = { type: 'Lease', id: 'l1' } as const
  expect(alertOfEvent({ name: 'lease.wrapMisused', resource, workspace: 'w', detail })).toEqual({
    kind: 'lease-wrap-misused',
    about: resource,
    dedupeKey: 'l1',
    facts: detail,
  })
  expect(alertOfEvent({ name: 'lease.expired', resource, workspace: 'w', detail })).toBeNull()
})
