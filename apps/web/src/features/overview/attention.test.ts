import { describe, expect, it } from 'vitest'
import type { Wire } from '@gatehouse/contract'
import type { Lease } from '../leases/live-leases.ts'
import { troublesOf, type Standing } from './attention.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const quiet: Standing = { status: undefined, hosts: [], leases: [], policy: undefined, now }
const lease: Lease = {
  id: 'l',
  backend: 'ssh-key',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  role: 'db-1',
  workspace: 'w',
  purpose: 'p',
  principal: 'u',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  hostId: null,
  reason: null,
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  issuedAt: '2026-11-23T11:00:00Z',
  expiresAt: '2026-11-23T12:30:00Z',
}

describe('what is wrong', () => {
  it('is nothing while all is well', () => {
    const status: Wire<'system.status'> = {
      health: 'ok',
      parts: [{ name: 'temporal', health: 'ok', message: '' }],
      leasesActive: 1,
      leasesOverdue: 0,
      auditPending: 0,
      temporalWebUrl: null,
      untrustedForwarding: [],
    }
    expect(troublesOf({ ...quiet, status, leases: [lease] })).toEqual([])
  })

  it('names a credential that outlived its end, and one that was given up on', () => {
    const overdue = { ...lease, expiresAt: '2026-11-23T11:50:00Z' }
    expect(troublesOf({ ...quiet, leases: [overdue] })[0]).toMatchObject({ tone: 'bad', href: '/access/leases/l' })
    expect(troublesOf({ ...quiet, leases: [{ ...lease, state: 'irrevocable', lastError: 'no route' }] })[0]?.text).toBe(
      'no route',
    )
  })

  it('tells of a credential that could not be revoked, before it is overdue', () => {
    expect(
      troublesOf({ ...quiet, leases: [{ ...lease, attempts: 1, lastError: 'connection refused' }] })[0],
    ).toMatchObject({ tone: 'warn', href: '/access/leases/l' })
  })

  it('names a part only where its trouble is not told in detail', () => {
    const status: Wire<'system.status'> = {
      health: 'degraded',
      parts: [
        { name: 'leases', health: 'degraded', message: '' },
        { name: 'audit', health: 'degraded', message: '' },
      ],
      leasesActive: 0,
      leasesOverdue: 1,
      auditPending: 0,
      temporalWebUrl: null,
      untrustedForwarding: [],
    }
    expect(
      troublesOf({ ...quiet, status, leases: [{ ...lease, attempts: 1 }] }).map(({ title }) => title.split(':')[0]),
    ).toEqual(['A credential of ada on db-1 could not be revoked yet', 'Audit is degraded'])
  })

  it('puts what is bad before what is only worrying', () => {
    const status: Wire<'system.status'> = {
      health: 'down',
      parts: [
        { name: 'audit', health: 'degraded', message: '' },
        { name: 'temporal', health: 'down', message: '' },
      ],
      leasesActive: 0,
      leasesOverdue: 0,
      auditPending: 0,
      temporalWebUrl: null,
      untrustedForwarding: [],
    }
    expect(troublesOf({ ...quiet, status }).map(({ tone }) => tone)).toEqual(['bad', 'warn'])
  })
})
