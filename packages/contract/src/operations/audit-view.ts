import { z } from 'zod'
import { AuditSort, filters } from '../audit-filters.ts'
import { operation, type CallerIds } from '../operation.ts'
import { AuditView } from '../audit-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, Label, pageInput } from '../scalars.ts'

const viewed = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const personal = ['ip', 'actor', 'resource'] as const
const onSelf = {
  principals: ['User'],
  resource: 'User',
  id: (_: unknown, caller: CallerIds) => caller.principalId,
} as const

/** Saved searches of the audit log. */
export const auditViewOperations = [
  operation({
    name: 'auditView.list',
    kind: 'query',
    summary: 'Saved searches of the audit log: yours, and those that others share.',
    input: z.object({ ...pageInput }),
    output: page(AuditView, 'AuditViewPage'),
    list: { cursor: viewed },
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['name', 'filters', 'shared', 'own', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'auditView.save',
    kind: 'mutation',
    summary: 'Save a search of the audit log under a name; one of yours with that name is replaced.',
    input: z.object({
      name: Label,
      ...filters,
      sort: AuditSort.optional(),
      /** Whether others who read the audit log see it. */
      shared: z.boolean().default(false),
    }),
    output: AuditView,
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [], personal },
    refusals: [],
    command: {
      positional: 'name',
      examples: ['"refused today" --outcome refused --from 1d', 'ada --actor ada --shared', 'x --severity high --json'],
    },
  }),
  operation({
    name: 'auditView.remove',
    kind: 'mutation',
    summary: 'Remove a saved search of yours.',
    input: z.object({ id: Id }),
    output: z.object({ id: z.string() }).meta({ id: 'AuditViewRemoved' }),
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['VIEW --yes', 'VIEW --yes --json'] },
  }),
] as const
