// Who is on call in these tests, what they ask for, and how they open it.
import type { Output, Raw } from '@gatehouse/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startSystem, type Person, type System } from './system.ts'

export let system: System
/** Of team platform-admin; of team sre; of team sre; of team developers. */
export let ada: Person
export let anton: Person
export let olga: Person
export let oscar: Person
/** Who asks: of team developers. */
export let dora: Person
export let vera: Person

/** Everybody is who they were, and has just proved it: whole volumes take their time. */
const logInAll = async (): Promise<void> => {
  ;[ada, anton, olga, oscar, dora, vera] = [
    await system.logIn('ada-admin'),
    await system.logIn('anton-admin'),
    await system.logIn('olga-operator'),
    await system.logIn('oscar-operator'),
    await system.logIn('dora-developer'),
    await system.logIn('vera-viewer'),
  ]
}

/** Begins a system for a file of tests, with its people. */
export function withOnCall(): void {
  beforeAll(async () => {
    system = await startSystem()
  })
  afterAll(() => system.end())
  beforeEach(async () => {
    await logInAll()
    await endEverything()
  })
}

/** Everything open is over, and long ago. */
async function endEverything(): Promise<void> {
  await sql`update emergency_session set ended_by = 'revoked', ended_at = now(), reviewed_at = now()
    where ended_by is null or reviewed_at is null`.execute(system.db)
  await sql`update break_glass_request set state = 'ended' where state in ('pending', 'approved', 'active')`.execute(
    system.db,
  )
  await sql`update break_glass_request set created_at = created_at - interval '1 day'
    where created_at > now() - interval '1 day'`.execute(system.db)
}

export const asking: Raw<'breakGlass.request'> = {
  incident: 'INC-7',
  severity: 'critical',
  justification: 'payments fail and the database host does not answer',
  workspace: 'default',
  actions: ['sshHost.list', 'lease.list', 'session.revoke'],
}
export type Request = Output<'breakGlass.request'>
export const ask = (more: Partial<Raw<'breakGlass.request'>> = {}, who = dora): Promise<Request> =>
  system.call(who, 'breakGlass.request', { ...asking, ...more })
export const yes = (who: Person, { id, hash }: Request, node: 0 | 1 = 0): Promise<Request> =>
  system.call(who, 'breakGlass.approve', { id, hash }, node)
export const stateOf = async ({ id }: Pick<Request, 'id'>): Promise<string> =>
  (await system.call(ada, 'breakGlass.get', { id })).state
export const begin = async (more: Partial<Raw<'breakGlass.request'>> = {}) => {
  const request = await ask(more)
  await yes(ada, request)
  await yes(olga, request, 1)
  const { session, accessToken } = await system.call(dora, 'breakGlass.activate', { id: request.id })
  return { request, session, token: accessToken.expose() }
}
/** What somebody may be told of whose calls are thousands at once. */
export const toldToWait = ['unavailable', 'rate-limited']
/** An id of nothing. */
export const session0 = '01980000-0000-7000-8000-000000000000'
export const sessionsOf = async ({ id }: Pick<Request, 'id'>): Promise<number> =>
  (await system.db.selectFrom('emergency_session').select('id').where('request_id', '=', id).execute()).length
