import { createHash } from 'node:crypto'
import type { ApprovedCall } from '@gatehouse/enforcement'

/** What an approval is bound to. `call`: what is done to what; `request`: the same, and why, where the why counts. */
export interface CallHashes {
  readonly call: Buffer
  readonly request: Buffer
}

/** One exact call of the platform, with its references resolved. */
export type PlatformCall = ApprovedCall

/** The one order of a call's parameters: by code unit, so that it is the same on every machine. */
export const inOneOrder = (parameters: readonly string[]): string[] => parameters.toSorted(byCodeUnit)

const byCodeUnit = (one: string, two: string): number => {
  if (one === two) return 0
  return one < two ? -1 : 1
}

/** JSON of a fixed shape: two calls have one text only if they are the same in every part. */
const sha256 = (parts: readonly unknown[]): Buffer => createHash('sha256').update(JSON.stringify(parts)).digest()

/** Binds an approval to one call of the platform. Why it is asked for is read by people and is no part of the call. */
export function hashesOfPlatformCall(call: PlatformCall): CallHashes {
  const { action, resourceType, resourceId, workspaceId, parameters } = call
  const hash = sha256([
    'platform',
    1,
    action,
    { type: resourceType, id: resourceId.normalize('NFC') },
    { workspace: workspaceId },
    inOneOrder(parameters.map((text) => text.normalize('NFC'))),
  ])
  return { call: hash, request: hash }
}

/**
 * Binds an approval to taking a person's factors away, and to why: what was approved for one reason is not done for
 * another (threat D6).
 */
export function hashesOfReset({ subjectId, reason }: { subjectId: string; reason: string }): CallHashes {
  const call = ['mfa.reset', { type: 'User', id: subjectId }] as const
  return { call: sha256(call), request: sha256([...call, { reason: reason.normalize('NFC').trim() }]) }
}

/** Binds an approval to an operation of ours on one thing, and to why. */
export function hashesOfOwnCall({ action, resource, reason }: OwnCall): CallHashes {
  const call = ['own', 1, action, { type: resource.type, id: resource.id }] as const
  return { call: sha256(call), request: sha256([...call, { reason: reason.normalize('NFC').trim() }]) }
}

/** An operation of ours on one thing. */
export interface OwnCall {
  readonly action: string
  readonly resource: { readonly type: string; readonly id: string }
  readonly reason: string
}
