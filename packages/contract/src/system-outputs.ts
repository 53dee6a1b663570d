import { z } from 'zod'
import { Instant } from './scalars.ts'

export const Health = z.enum(['ok', 'degraded', 'down']).meta({ id: 'Health' })
export const SystemPart = z.object({ name: z.string(), health: Health, message: z.string() }).meta({ id: 'SystemPart' })
/** A peer that sends `X-Forwarded-For` and is not trusted to: who comes through it cannot be told apart. */
export const UntrustedForwarding = z
  .object({ address: z.string(), count: z.int(), since: Instant, lastSeenAt: Instant, advice: z.string() })
  .meta({ id: 'UntrustedForwarding' })
/** A payload of a workflow as it was before it was sealed; both in base64, as Temporal has them. */
export const WorkflowPayload = z.object({ encoding: z.string(), data: z.string() }).meta({ id: 'WorkflowPayload' })
export const WorkflowPayloads = z.object({ payloads: z.array(WorkflowPayload) }).meta({ id: 'WorkflowPayloads' })

export const SystemStatus = z
  .object({
    health: Health,
    parts: z.array(SystemPart),
    leasesActive: z.int(),
    leasesOverdue: z.int(),
    auditPending: z.int(),
    temporalWebUrl: z.string().nullable(),
    /** As the node that answers has seen them since it started, the busiest first. */
    untrustedForwarding: z.array(UntrustedForwarding),
  })
  .meta({ id: 'SystemStatus' })
