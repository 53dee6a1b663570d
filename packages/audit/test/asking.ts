import type { Input, OperationName, Output } from '@gatehouse/contract'
import {
  systemRandom,
  type AuditDraft,
  type Decision,
  type DecisionRequest,
  type Handler,
} from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { createOutbound } from '@gatehouse/kit/outbound'
import { insertEntries } from '../src/entry.queries.ts'
import { makeEntry } from '../src/entry.ts'
import { auditHandlers } from '../src/index.ts'
import { allow, deny, openHarness, person, type Harness, type SharedStores } from './harness.ts'
import { testSealer } from './test-keys.ts'
import { draftOf } from './record.ts'

/** Who reads the audit log in tests of its handlers, and who is read of. */
export const admin = person({ username: 'ada', roles: ['Admin'] })
export const developer = person({ username: 'dev', roles: ['Developer'] })

/** A harness with the workspaces `default` and `other`, called by the admin. */
export async function openAsked(where: { readonly stores?: SharedStores }): Promise<Harness> {
  const h = await openHarness(where)
  for (const id of ['default', 'other'])
    await h.admin.insertInto('workspace').values({ id, name: id, archived_at: null }).execute()
  h.as(admin)
  return h
}

type AuditName = Extract<OperationName, `audit.${string}` | `auditView.${string}`>

/** How tests ask the audit log's handlers, on the harness of the test that runs. */
export function askingOf(current: () => Harness) {
  const handlers = () => handlersOn(current())
  const ask = async <N extends AuditName>(name: N, raw: unknown): Promise<Output<N>> =>
    (await current().call(
      name,
      raw,
      handlers()[name] as unknown as Handler<N> & ((permit: unknown) => Promise<unknown>),
    )) as Output<N> // the handler of this very name
  const put = async (
    parts: Partial<AuditDraft>,
    principal = developer as AuditDraft['principal'],
    at = current().clock.now(),
  ): Promise<string> => {
    const h = current()
    const made = makeEntry({ draft: draftOf(principal, parts), at, intent: null, random: systemRandom(h.clock) })
    await insertEntries(h.db, h.subjectKeys, { entries: [made] })
    return made.id
  }
  const search = async (input: Partial<Input<'audit.search'>> = {}) =>
    (await ask('audit.search', input)).items.map(({ id }) => id)
  /** Decides searches as a policy for this role would. */
  const decideSearch = (parts: { whole?: string[]; own?: string[] }) =>
    current().decideBy((request: DecisionRequest): Decision => {
      const own = request.context['ownOnly'] === true
      return (own ? parts.own : parts.whole)?.includes(request.resource.id) === true ? allow : deny
    })
  return { handlers, ask, put, search, decideSearch }
}

/** What the audit log's handlers are made of, on a harness. */
export const handlerDepsOn = (h: Harness) => ({
  db: h.db,
  records: h.db,
  key: h.key,
  subjectKeys: h.subjectKeys,
  decider: h.decider,
  stepUpMaxAgeSeconds: 300,
  clock: h.clock,
  random: systemRandom(h.clock),
  change: h.change,
  sealer: testSealer,
  source: { version: '1.0.0', host: 'gatehouse.test' },
  outside: h.outside,
  people: { eraseEverywhere: () => Promise.resolve<string[]>([]), forgetNames: () => Promise.resolve() },
  outbound: createOutbound({ allowed: [], ownPorts: [] }),
  listenForLeaves: h.listenForLeaves,
  sinkDirectory: null,
  emergencies: { removeOver: () => Promise.resolve(0) },
  retentionFloor: { days: 365, breakGlassDays: 2555 },
  witnesses: [],
  directory,
})

/** The audit log's handlers on a harness. */
export const handlersOn = (h: Harness): ReturnType<typeof auditHandlers> => auditHandlers(handlerDepsOn(h))
