import { z } from 'zod'
import { operation, type CallerIds } from '../operation.ts'
import { LeaseView } from '../lease-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, Label, pageInput } from '../scalars.ts'
import { leaseFilters } from './lease.ts'

const saved = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSelf = {
  principals: ['User'],
  resource: 'User',
  id: (_: unknown, caller: CallerIds) => caller.principalId,
} as const

/** Views of the list of leases that people save. */
export const leaseViewOperations = [
  operation({
    name: 'leaseView.list',
    kind: 'query',
    summary: 'Saved views of leases; they are yours alone.',
    input: z.object({ ...pageInput }),
    output: page(LeaseView, 'LeaseViewPage'),
    list: { cursor: saved },
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['name', 'filters', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'leaseView.save',
    kind: 'mutation',
    summary: 'Save a view of leases under a name; one of yours with that name is replaced.',
    input: z.object({ name: Label, ...leaseFilters }),
    output: LeaseView,
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [], personal: ['principal', 'search'] },
    refusals: [],
    command: {
      positional: 'name',
      examples: ['"mine, active" --principal ada --state active', '"next to end" --sort expiry --json'],
    },
  }),
  operation({
    name: 'leaseView.remove',
    kind: 'mutation',
    summary: 'Remove a saved view of leases.',
    input: z.object({ id: Id }),
    output: z.object({ id: z.string() }).meta({ id: 'LeaseViewRemoved' }),
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['VIEW --yes', 'VIEW --yes --json'] },
  }),
] as const
