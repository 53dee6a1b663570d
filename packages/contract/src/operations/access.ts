import { z } from 'zod'
import { systemId } from '../entities.ts'
import { AccessMine } from '../governance-outputs.ts'
import { operation } from '../operation.ts'

/** What navigation and buttons follow. Nothing is enforced by it: each call is decided for itself. */
export const accessOperations = [
  operation({
    name: 'access.mine',
    kind: 'query',
    summary: 'What you may do: per operation and workspace, as if your second factor had just been verified.',
    input: z.object({}),
    output: AccessMine,
    authorize: { principals: ['User', 'Service'], resource: 'System', id: () => systemId },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
] as const
