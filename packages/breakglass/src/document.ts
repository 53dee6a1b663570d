import { createHash } from 'node:crypto'
import { canonical } from '@gatehouse/audit'
import { z } from 'zod'

/** What is asked for, whole: what a vote signs. Canonical JSON (RFC 8785) of it is hashed. */
export const RequestDocument = z.strictObject({
  v: z.literal(1),
  type: z.literal('gatehouse.break-glass.request'),
  id: z.string(),
  version: z.int(),
  requester: z.strictObject({ id: z.string(), name: z.string() }),
  incident: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  justification: z.string(),
  workspace: z.strictObject({ id: z.string(), name: z.string(), environment: z.string() }),
  actions: z.array(z.string()),
  durationSeconds: z.int(),
  drill: z.boolean(),
  at: z.string(),
})
export type RequestDocument = z.output<typeof RequestDocument>

/** What somebody says to a request. `nonce`: nobody can guess it, so no signature of it is good twice. */
export interface VoteStatement {
  readonly says: 'approve' | 'deny'
  readonly voter: { readonly id: string; readonly name: string }
  readonly at: string
  readonly nonce: string
  readonly reason: string | null
  /** The team that says no. */
  readonly team: string | null
}

/** A text with its SHA-256. */
export interface Hashed {
  readonly text: string
  readonly hash: Buffer
}

/** The one form of a request. Actions in one order, each once: two spellings are one request. */
export const writeDocument = (document: RequestDocument): Hashed =>
  hashed(canonical({ ...document, actions: [...new Set(document.actions)].toSorted() }))

/** The one form of a vote on a document: it holds the whole of what it is on. */
export const writeStatement = (statement: VoteStatement, document: string): Hashed =>
  hashed(
    canonical({
      v: 1,
      type: 'gatehouse.break-glass.vote',
      ...statement,
      request: RequestDocument.parse(JSON.parse(document)),
    }),
  )

/** What we wrote ourselves. */
export const readDocument = (text: string): RequestDocument => RequestDocument.parse(JSON.parse(text))

const hashed = (text: string): Hashed => ({ text, hash: createHash('sha256').update(text).digest() })
