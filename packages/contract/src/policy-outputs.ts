import { z } from 'zod'
import { AuditEffect, AuditOutcome } from './outputs.ts'
import { Instant } from './scalars.ts'

const id = z.string()

/** Which thing, as Cedar names it. */
export const EntityName = z.object({ type: z.string(), id }).meta({ id: 'EntityName' })

/** A decision as the audit log has it. */
export const RecordedDecision = z
  .object({
    /** Of the audit entry that it stands in. */
    id,
    at: Instant,
    principal: EntityName,
    action: z.string(),
    resource: EntityName,
    workspace: z.string().nullable(),
    outcome: AuditOutcome,
    effect: AuditEffect,
    policies: z.array(z.string()),
    policyVersion: z.string(),
    /** Whether it can be made again exactly. */
    replayable: z.boolean(),
  })
  .meta({ id: 'RecordedDecision' })

export const PolicyFile = z.object({ path: z.string(), text: z.string() }).meta({ id: 'PolicyFile' })

/** All that a decision was made of, so that anybody can make it again: `gatehouse decision verify`. */
export const DecisionReceipt = RecordedDecision.extend({
  /** What was asked of Cedar: principal, action, resource, context, entities; JSON text. Null: see `missing`. */
  request: z.string().nullable(),
  /** Why it cannot be made again; null: it can. */
  missing: z.string().nullable(),
  /** The policies and the schema that decided; empty: they are not kept. */
  files: z.array(PolicyFile),
  /** The audit entry as it was hashed into the log. */
  entry: z.string(),
}).meta({ id: 'DecisionReceipt' })
