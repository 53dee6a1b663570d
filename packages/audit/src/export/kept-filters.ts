import { AuditCategory, AuditEffect, AuditOutcome, AuditSeverity } from '@gatehouse/contract'
import { z } from 'zod'
import type { SearchFilters } from '../search.queries.ts'

/** Each filter by its name: one that was forgotten here would be dropped, and the export be of everything. */
const fields = {
  actor: z.object({ text: z.string(), userId: z.string().nullable() }).optional(),
  action: z.string().optional(),
  category: AuditCategory.optional(),
  severity: AuditSeverity.optional(),
  kinds: z.array(z.string()).optional(),
  resource: z.string().optional(),
  workspaces: z.array(z.string()).optional(),
  outcome: AuditOutcome.optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  ip: z.string().optional(),
  session: z.string().optional(),
  requestId: z.string().optional(),
  decision: AuditEffect.optional(),
} satisfies Record<keyof SearchFilters, z.ZodType>

/** Filters as they lie in the database: what is read back is what was kept. */
const Kept = z.strictObject(fields)

/** Filters as text. */
export const keptFilters = (filters: SearchFilters): string => JSON.stringify(filters)

/** The same back. */
export const readFilters = (text: string): SearchFilters => Kept.parse(JSON.parse(text))
