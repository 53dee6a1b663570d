import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { SystemStatus, WorkflowPayloads } from '../system-outputs.ts'
import { textOf } from '../text.ts'

/** Ids and states are all that crosses Temporal: a tenth of this. */
const payloadCharactersMax = 65_536

/** As many as one page of Temporal Web shows. */
const payloadsMax = 100
const SealedPayload = textOf({
  what: 'the data of a sealed payload, base64',
  charactersMax: payloadCharactersMax,
  form: (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0,
})
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

/** The system as a whole, and what it opens for others. */
export const systemOperations = [
  operation({
    name: 'system.version',
    kind: 'query',
    summary: 'The version of this Gatehouse.',
    input: z.object({}),
    output: z.object({ version: z.string() }).meta({ id: 'SystemVersion' }),
    authorize: { principals: ['Anonymous', 'User', 'Service'], resource: 'System', id: () => systemId },
    assurance: 'none',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'system.status',
    kind: 'query',
    summary: 'System health: the state of each part of Gatehouse.',
    input: z.object({}),
    output: SystemStatus,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'workflow.decode',
    kind: 'query',
    summary: "Read sealed payloads of workflows, as Temporal Web does for whoever looks at a workflow's history.",
    input: z.object({ payloads: z.array(SealedPayload).max(payloadsMax) }),
    output: WorkflowPayloads,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['readActions'],
    audit: { omit: ['payloads'] },
    refusals: [],
    command: { positional: 'payloads', columns: ['encoding', 'data'], examples: ['--payloads AQAB'] },
  }),
] as const
