import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Lock = Wire<'lock.create'>

const lock = (id: string, over: Partial<Lock> & Pick<Lock, 'kind' | 'name'>): Lock => ({
  id,
  target: over.name,
  reason: 'the laptop was stolen',
  createdAt: inMinutes(-42),
  createdBy: 'u1',
  createdByName: 'ada',
  expiresAt: null,
  removedAt: null,
  removedByName: null,
  removeReason: null,
  holds: true,
  ...over,
})

/** What is locked in the gallery. */
export const locks: readonly Lock[] = [
  lock('lk1', { kind: 'principal', name: 'dora', target: 'u3' }),
  lock('lk2', {
    kind: 'host',
    name: 'db-1',
    target: 'h1',
    reason: 'forensics on the server',
    expiresAt: inMinutes(95),
  }),
  lock('lk3', { kind: 'key', name: 'SHA256:hkhtVsJOdMmjJAq2HTWOCkd0MIWuh+K9CIJjF3wSpGc', createdAt: inMinutes(-190) }),
  lock('lk4', { kind: 'role', name: 'shop-write', createdByName: null, reason: 'the migration went wrong' }),
  lock('lk5', {
    kind: 'approval',
    name: 'INC-7',
    target: '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70',
    createdAt: inMinutes(-2900),
    removedAt: inMinutes(-2800),
    removedByName: 'anton',
    removeReason: 'it was a false alarm',
    holds: false,
  }),
]
