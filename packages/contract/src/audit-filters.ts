import { z } from 'zod'
import { WorkspaceReference } from './names.ts'
import { AuditCategory, AuditEffect, AuditKind, AuditOutcome, AuditSeverity } from './audit-outputs.ts'
import { Id, Ip } from './scalars.ts'
import { Action, Actor, When } from './searching.ts'
import { lineOf } from './text.ts'

/** A type, an id, or both as `Type::id`. */
const Resource = lineOf(128)

/** Kinds of entries to look among. */
export const AuditKinds = z.array(AuditKind).min(1).max(AuditKind.options.length)

/** What entries are looked for by; all that is given holds at once. */
export const filtersOfAnyTime = {
  actor: Actor.optional(),
  action: Action.optional(),
  category: AuditCategory.optional(),
  /** Entries that weigh at least this much. */
  severity: AuditSeverity.optional(),
  /** Absent: all kinds. */
  kinds: AuditKinds.optional(),
  resource: Resource.optional(),
  workspace: WorkspaceReference.optional(),
  outcome: AuditOutcome.optional(),
  ip: Ip.optional(),
  session: Id.optional(),
  /** The request whose entries are wanted, as answers name it; those of its first hour, where its id tells its time. */
  requestId: Id.optional(),
  decision: AuditEffect.optional(),
}

/** The same, of a time. */
export const filters = { ...filtersOfAnyTime, from: When.optional(), to: When.optional() }

/** In which order entries are listed. */
export const AuditSort = z.enum(['newest', 'oldest', 'action', 'actor']).meta({ id: 'AuditSort' })
