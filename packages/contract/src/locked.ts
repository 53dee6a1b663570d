import type { LockKind } from './lock-outputs.ts'
import { Refusal } from './refusal.ts'

const things = {
  principal: 'whoever it is for',
  role: 'the role',
  host: 'the host',
  key: 'the key',
  approval: 'the approval',
} as const satisfies Record<LockKind, string>

/** Refuses what is locked. Says what of it is and whom to ask; by whom and why is for those who may list locks. */
export const lockedRefusal = (kind: LockKind): Refusal =>
  new Refusal('locked', { hint: `${things[kind]} is locked; ask an administrator, who can remove the lock` })
