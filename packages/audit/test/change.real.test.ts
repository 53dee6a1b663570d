import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { operationNames, operations, Refusal, type Operation, type OperationName } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { anonymous, systemRandom, uid, type Permit, type Principal, type UserPrincipal } from '@gatehouse/enforcement'
import { sampleOf } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sampleInput } from '../../../scripts/generate/reference/sample-input.ts'
import { closeOverdueIntents } from '../src/close-intents.ts'
import type { Beside } from '../src/index.ts'
import { insertAssumed } from './assumed.ts'
import {
  allow,
  deny,
  insertTeam,
  loadThing,
  openHarness,
  person,
  personalOf,
  type Harness,
  shareStores,
  type SharedStores,
} from './harness.ts'

let stores: SharedStores
let h: Harness
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  h = await openHarness({ stores })
})
afterEach(() => h.close())

const insertOne = async (tx: Transaction, name: string): Promise<string> => {
  const id = randomUUID()
  await tx.insertInto('team').values({ id, name, description: '' }).execute()
  return id
}
const insertWorkspace = () =>
  h.admin.insertInto('workspace').values({ id: 'default', name: 'default', archived_at: null }).execute()
/** Something that is made under a workspace, which is only held for it; what it answers is not the point. */
const register = (work: (permit: Permit<'sshHost.register'>) => Promise<unknown>) => {
  const name = `h${randomUUID().slice(0, 8)}`
  const input = { name, address: '192.0.2.1', port: 22, user: 'root', access: 'ca', workspace: 'default' } as const
  return h.call('sshHost.register', input, async (permit) => {
    await work(permit)
    throw new Refusal('conflict')
  })
}
const answer = (id: string, name: string) => ({ id, name, description: '', members: [], createdAt: new Date() })
const createTeam = (name: string, after?: (tx: Transaction) => Promise<void>) =>
  h.call('team.create', { name }, async (permit) => {
    const id = await h.change(
      permit,
      async (tx) => {
        const made = await insertOne(tx, name)
        await after?.(tx)
        return made
      },
      (made) => ({ resource: uid('Team', made), detail: { made } }),
    )
    return answer(id, name)
  })
const teams = () => h.admin.selectFrom('team').select('name').execute()

describe('change', () => {
  test('writes the work and its entry, and queues the entry for the tree', async () => {
    await createTeam('sre')
    const [entry, ...rest] = await h.entries()
    expect(rest).toEqual([])
    expect(entry).toMatchObject({
      v: 4,
      action: 'team.create',
      outcome: 'allowed',
      principal: { type: 'User', name: { c: expect.stringMatching(/^[\w-]{43}$/) } },
      resource: { type: 'Team' },
      workspace: null,
      ip: { c: expect.any(String) },
      transport: 'trpc',
      decision: { effect: 'allow', policies: ['permit-all'], version: 'v1' },
      refusal: null,
      input: { name: 'sre', description: null },
      intent: null,
    })
    expect(await h.admin.selectFrom('audit_pending').select('entry_id').execute()).toEqual([
      { entry_id: entry?.['id'] },
    ])
    expect((await personalOf(h, String(entry?.['id']))).map(({ field, value }) => [field, value])).toEqual([
      ['principal.name', 'ada'],
      ['ip', '192.0.2.7'],
      ['userAgent', 'vitest'],
    ])
  })

  test('work that throws leaves neither work nor entry of its own; the enforcer records the failure', async () => {
    await expect(createTeam('sre', () => Promise.reject(new Refusal('conflict')))).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await teams()).toEqual([])
    expect(await h.entries()).toEqual([expect.objectContaining({ outcome: 'refused', refusal: 'conflict' })])
  })

  test('an entry that cannot be written takes the work with it', async () => {
    await h.admin.schema
      .alterTable('audit_pending')
      .addColumn('blocker', 'integer', (column) => column.notNull().defaultTo(1))
      .execute()
    await sql`alter table audit_pending add constraint blocked check (blocker = 2)`.execute(h.admin)
    await expect(createTeam('sre')).rejects.toBeInstanceOf(Error)
    expect(await teams()).toEqual([])
    expect(await h.entries()).toEqual([])
    await sql`alter table audit_pending drop column blocker`.execute(h.admin)
  })

  test('a mutation that writes nothing is a fault', async () => {
    await expect(
      h.call('team.create', { name: 'sre' }, () => Promise.resolve(answer('x', 'sre'))),
    ).rejects.toMatchObject({ name: 'Fault' })
    expect(await h.entries()).toEqual([expect.objectContaining({ outcome: 'failed' })])
  })

  test('is not done by a caller who was not looked at', async () => {
    h.as(person({ tokenId: randomUUID(), assumed: '1' }))
    const failures: unknown[] = []
    const create = async (permit: Permit<'team.create'>) => {
      failures.push(await h.change(permit, (tx) => insertOne(tx, 'sre')).catch((error: unknown) => error))
      return answer('x', 'sre')
    }
    await expect(h.call('team.create', { name: 'sre' }, create)).rejects.toBeInstanceOf(Error)
    expect(failures[0]).toMatchObject({ message: 'a change by a caller who was not looked at' })
    expect([await teams(), await h.entries()]).toEqual([[], []])
  })

  test('an entry that was rolled back does not count as written', async () => {
    await expect(
      h.call('team.create', { name: 'sre' }, async (permit) => {
        await h.change(permit, () => Promise.reject(new TypeError('late'))).catch(() => undefined)
        return answer('x', 'sre')
      }),
    ).rejects.toMatchObject({ name: 'Fault' })
  })
})

describe('moved rows', () => {
  const addMember = (between: () => Promise<void>) =>
    h.call('team.addMember', { id: 'sre', user: 'ada' }, async (permit) => {
      await between()
      await h.change(permit, (tx) =>
        tx
          .updateTable('team')
          .set({ description: 'touched' })
          .where('id', '=', permit.slice?.resource.id ?? '')
          .execute(),
      )
      return answer(permit.slice?.resource.id ?? '', 'sre')
    })
  const move = () => h.admin.updateTable('team').set({ description: 'moved' }).where('name', '=', 'sre').execute()

  test('that did not move are not decided twice', async () => {
    await insertTeam(h.admin, 'sre')
    await addMember(() => Promise.resolve())
    expect(h.decisions).toHaveLength(1)
  })

  test('are decided once more on what is there now, and the entry says by which policies', async () => {
    await insertTeam(h.admin, 'sre')
    await addMember(async () => {
      await move()
      h.decideBy(() => ({ ...allow, policies: ['second-look'], version: 'v2' }))
    })
    expect(h.decisions).toHaveLength(2)
    expect(await h.entries()).toEqual([
      expect.objectContaining({
        decision: expect.objectContaining({ effect: 'allow', policies: ['second-look'], version: 'v2' }) as unknown,
      }),
    ])
  })

  // Threat D6: approved on one state, done on another
  test('that are no longer allowed are refused, and nothing is written', async () => {
    await insertTeam(h.admin, 'sre')
    const call = addMember(async () => {
      await move()
      h.decideBy(() => deny)
    })
    await expect(call).rejects.toMatchObject({
      code: 'forbidden',
      details: { reason: 'forbid', policies: ['forbid-it'] },
    })
    expect(await h.admin.selectFrom('team').select('description').execute()).toEqual([{ description: 'moved' }])
    expect(await h.entries()).toEqual([expect.objectContaining({ outcome: 'refused', refusal: 'forbidden' })])
  })

  test('that are gone are not found', async () => {
    await insertTeam(h.admin, 'sre')
    await expect(addMember(async () => void (await h.admin.deleteFrom('team').execute()))).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('cannot move between the second look and the write', async () => {
    await insertTeam(h.admin, 'sre')
    let moved = false
    await h.call('team.addMember', { id: 'sre', user: 'ada' }, async (permit) => {
      await h.change(permit, async () => {
        void move().then(() => {
          moved = true
        })
        await sleep(200)
        expect(moved).toBe(false)
      })
      return answer(permit.slice?.resource.id ?? '', 'sre')
    })
    await expect.poll(() => moved).toBe(true)
  })

  test('a parent is only shared: two creates under it run side by side', async () => {
    await insertWorkspace()
    const meet = barrier(2)
    const both = await Promise.allSettled([1, 2].map(() => register((permit) => h.change(permit, meet))))
    for (const one of both) expect(one).toMatchObject({ reason: { code: 'conflict' } })
  })
})

describe('connections', () => {
  // House: a pool of 10 deadlocks when a transaction checks out a second connection
  test('a pool of one is enough, also when the rows have moved', async () => {
    await h.close()
    h = await openHarness({ poolSize: 1 })
    await insertTeam(h.admin, 'sre')
    await Promise.all(
      Array.from({ length: 8 }, () =>
        h.call('team.addMember', { id: 'sre', user: 'ada' }, async (permit) => {
          await h.change(permit, (tx) =>
            tx
              .updateTable('team')
              .set({ description: randomUUID() })
              .where('id', '=', permit.slice?.resource.id ?? '')
              .execute(),
          )
          return answer(permit.slice?.resource.id ?? '', 'sre')
        }),
      ),
    )
    expect(await h.entries()).toHaveLength(8)
  })

  test('a deadlock is run again, and each change is recorded once', async () => {
    const [a, b] = [await insertTeam(h.admin, 'a'), await insertTeam(h.admin, 'b')]
    const meet = barrier(2)
    const update = (first: string, second: string) =>
      createTeam(`t-${first.slice(0, 8)}`, async (tx) => {
        await tx.updateTable('team').set({ description: 'x' }).where('id', '=', first).execute()
        await meet()
        await tx.updateTable('team').set({ description: 'y' }).where('id', '=', second).execute()
      })
    await Promise.all([update(a, b), update(b, a)])
    expect(await teams()).toHaveLength(4)
    expect(await h.entries()).toHaveLength(2)
  })

  const loseConnections = async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'test' and datname = current_database()`.execute(h.admin)
    await sleep(50)
  }
  const outcomes = async () => (await h.entries()).map((entry) => [entry['outcome'], entry['refusal'] ?? null])

  test('losing the database within a transaction refuses the call, nothing was done: it may try again', async () => {
    await expect(createTeam('sre', loseConnections)).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 1 },
    })
    await createTeam('sre')
    expect(await outcomes()).toEqual([
      ['refused', 'unavailable'],
      ['allowed', null],
    ])
  })

  test('losing it while it commits says that the change may have been made', async () => {
    await sql`create function lose() returns trigger language plpgsql as
      'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'`.execute(h.admin)
    await sql`create constraint trigger lost after insert on team deferrable initially deferred
      for each row execute function lose()`.execute(h.admin)
    const lost = createTeam('sre').finally(() => sql`drop function lose cascade`.execute(h.admin))
    await expect(lost).rejects.toMatchObject({ code: 'unavailable', details: { mayBeDone: true } })
    expect(await outcomes()).toEqual([['failed', 'unavailable']])
  })

  test('losing it after an intent says so, too: something outside may have been touched', async () => {
    const asked = h.call('team.create', { name: 'sre' }, async (permit) => {
      await h.change.intent(permit, () => Promise.resolve())
      await h.change(permit, loseConnections)
      return answer('x', 'sre')
    })
    const hint = expect.stringContaining('look before asking again')
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', details: { mayBeDone: true, hint } })
    await expect(asked).rejects.not.toHaveProperty('details.retryAfterSeconds')
    expect(await outcomes()).toEqual([
      ['intent', null],
      ['failed', 'unavailable'],
    ])
  })
})

describe('intents', () => {
  const open = () => h.admin.selectFrom('audit_intent').select('entry_id').execute()
  const deploy = (outside: (permit: Permit<'team.create'>) => Promise<void>) =>
    h.call('team.create', { name: 'sre' }, async (permit) => {
      await h.change.intent(permit, (tx) => insertOne(tx, 'sre'))
      await outside(permit)
      await h.change(permit, (tx) => tx.updateTable('team').set({ description: 'done' }).execute())
      return answer('x', 'sre')
    })

  test('an intent is written before, and closed by the outcome that names it', async () => {
    await deploy(async () => expect(await open()).toHaveLength(1))
    const [intent, outcome] = await h.entries()
    expect([intent?.['outcome'], outcome?.['outcome']]).toEqual(['intent', 'allowed'])
    expect(outcome?.['intent']).toBe(intent?.['id'])
    expect(await open()).toEqual([])
  })

  test('a refusal after an intent closes it, too', async () => {
    await expect(deploy(() => Promise.reject(new Refusal('host-unreachable')))).rejects.toMatchObject({
      code: 'host-unreachable',
    })
    const [intent, outcome] = await h.entries()
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: 'host-unreachable', intent: intent?.['id'] })
    expect(await open()).toEqual([])
  })

  test('an intent alone is not an outcome', async () => {
    await expect(
      h.call('team.create', { name: 'sre' }, async (permit) => {
        await h.change.intent(permit, (tx) => insertOne(tx, 'sre'))
        return answer('x', 'sre')
      }),
    ).rejects.toMatchObject({ name: 'Fault' })
  })

  test('an intent whose process died is closed as unknown after its deadline, once', async () => {
    await Promise.race([deploy(() => new Promise(() => undefined)), expect.poll(open).toHaveLength(1)])
    const sweep = () =>
      closeOverdueIntents({ db: h.db, clock: h.clock, random: systemRandom(h.clock), subjectKeys: h.subjectKeys })
    expect(await sweep()).toBe(0)
    h.clock.shiftSeconds(121)
    expect((await Promise.all([sweep(), sweep(), sweep()])).reduce((sum, n) => sum + n, 0)).toBe(1)
    const [intent, closed] = await h.entries()
    expect(closed).toMatchObject({
      action: 'team.create',
      outcome: 'unknown',
      intent: intent?.['id'],
      principal: { type: 'User' },
      input: { name: 'sre' },
    })
    expect(await open()).toEqual([])
    const names = await Promise.all((await h.entries()).map(({ id }) => personalOf(h, String(id))))
    expect(names.map((values) => values.find(({ field }) => field === 'principal.name')?.value)).toEqual(['ada', 'ada'])
  })
})

describe('events', () => {
  test('stand in the transaction that makes them true', async () => {
    const happen = (fail: boolean) =>
      h.db.transaction().execute(async (tx) => {
        await h.change.event(tx, {
          name: 'lease.expired',
          resource: uid('Lease', '1'),
          workspace: 'default',
          detail: { backend: 'ssh-key' },
        })
        if (fail) throw new TypeError('rolled back')
      })
    await expect(happen(true)).rejects.toThrow('rolled back')
    expect(await h.entries()).toEqual([])
    await happen(false)
    expect(await h.entries()).toEqual([
      expect.objectContaining({
        action: 'lease.expired',
        outcome: 'allowed',
        principal: expect.objectContaining({ type: 'Service', id: 'gateway' }),
        ip: null,
        resource: { type: 'Lease', id: '1' },
        workspace: 'default',
      }),
    ])
  })
})

describe('the runtime login', () => {
  // Threat F5: who runs the gateway must not be able to rewrite the audit log through its login
  test.each([
    ['change an entry', "update audit_placed set entry = '{}'"],
    ['delete an entry', 'delete from audit_placed'],
    ['empty the record', 'truncate audit_placed'],
    ['insert a leaf', "insert into audit_leaf values (0, gen_random_uuid(), sha256(''))"],
    ['delete a leaf', 'delete from audit_leaf'],
    ['take an entry out of the queue', 'delete from audit_pending'],
    ['sign a checkpoint', "insert into audit_checkpoint values (1, '', '', '', now())"],
    ['delete a checkpoint', 'delete from audit_checkpoint'],
    ['reword a personal value', "update audit_personal set sealed = 'eve'"],
    ['insert an entry past the function', "insert into audit_placed (id, entry) values (gen_random_uuid(), '{}')"],
    ['write a search column', "insert into audit_placed (id, entry, action) values (gen_random_uuid(), '{}', 'x')"],
    [
      'queue an entry past the function',
      "insert into audit_pending (entry_id, entry) values (gen_random_uuid(), '{}')",
    ],
    ['see or change what waits where it comes in', 'update audit_intake set entry = entry'],
    ['take away what waits where it comes in', 'delete from audit_intake'],
    ['queue one through what is read', "insert into audit_waiting (id, entry) values (gen_random_uuid(), '{}')"],
    ['give entries their places', 'select audit_place(0, 0, 1)'],
    ['fill the search columns in another way', 'alter table audit_placed disable trigger audit_entry_by_hand'],
  ])('cannot %s', async (_, statement) => {
    await createTeam('sre')
    await expect(sql.raw(statement).execute(h.db)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|428C9)$/),
    })
  })

  test('cannot delete entries as the sequencer either', async () => {
    await h.db.connection().execute(async (db) => {
      await sql`set role gatehouse_sequencer`.execute(db)
      for (const statement of [
        'delete from audit_placed',
        'delete from audit_pending',
        'delete from audit_leaf',
        "insert into audit_leaf values (0, gen_random_uuid(), sha256(''))",
        'update audit_leaf set seq = 1',
        'delete from audit_checkpoint',
        "insert into audit_placed (id, entry) values (gen_random_uuid(), '{}')",
        'select * from users',
      ]) {
        await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: '42501' })
      }
      await sql`reset role`.execute(db)
    })
  })
})

/** Lets the first `count` callers pass once all of them are there, and everyone after them at once. */
function barrier(count: number): () => Promise<void> {
  let arrived = 0
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    arrived += 1
    if (arrived >= count) open()
    return opened
  }
}

// Threat F2. For each operation that changes something, by the declarations: none of them is written by a hand of its
// own, so none may differ.
describe('whatever changes something, by every operation that does', () => {
  const all = operationNames.filter((name) => operations[name].kind === 'mutation')
  const asked = sampleOf(all, 8)
  /** A person is another one each time: of what takes long, one of a person's runs at a time. */
  const callers: Readonly<Record<string, () => Principal>> = {
    User: () => person(),
    Anonymous: () => anonymous,
    Service: () => ({ type: 'Service', id: 'worker', name: 'worker', bound: true }),
  }
  beforeEach(async () => {
    await h.close()
    h = await openHarness({ stores, others: loadThing })
    await insertTeam(h.admin, String(sampleInput('team.update')['id']))
    for (const id of ['default', String(sampleInput('workspace.update')['id'])])
      await h.admin
        .insertInto('workspace')
        .values({ id, name: id })
        .onConflict((to) => to.doNothing())
        .execute()
  })
  /** Runs it as whoever may, with this in its handler. Answers its refusal, and the id of its request. */
  const run = async (name: OperationName, handler: (permit: Permit<OperationName>) => Promise<unknown>) => {
    let requestId = ''
    h.as(callers[operations[name].authorize.principals[0] ?? '']?.() ?? anonymous)
    const outcome = await h
      .call(name, sampleInput(name), async (permit) => {
        requestId = permit.call.requestId
        return handler(permit)
      })
      .then(
        () => 'ok',
        (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
      )
    return { name, outcome, requestId }
  }
  const nothing = () => Promise.resolve()
  /** What a machine says again and again is in the log where it changed something. */
  const isToldOnlyOfChanges = (name: OperationName): boolean =>
    (operations[name] as Operation).audit.onlyChanges === true
  const outcomesOf = async (requestId: string) =>
    (await h.entries())
      .filter((entry) => entry['requestId'] === requestId)
      .map(({ id, action, outcome, intent }) => ({ id, action, outcome, intent }))
      // two of one millisecond have no order of their own; which names which is what is looked at
      .toSorted((one, two) => Number(two.outcome === 'intent') - Number(one.outcome === 'intent'))

  test('what succeeds is in the log with what it did, and never without', async () => {
    for (const name of asked) {
      const done = await run(name, (permit) => h.change(permit, nothing))
      expect(done).toMatchObject({ name, outcome: 'ok' })
      expect(await outcomesOf(done.requestId)).toMatchObject([{ action: name, outcome: 'allowed', intent: null }])
      const silent = await run(name, nothing)
      if (isToldOnlyOfChanges(name)) {
        expect([silent.outcome, await outcomesOf(silent.requestId)], name).toEqual(['ok', []])
        continue
      }
      expect(silent.outcome, name).toContain('Fault')
      expect(await outcomesOf(silent.requestId)).toMatchObject([{ action: name, outcome: 'failed' }])
    }
  })

  test('what touches something outside has its intent in the log before, and after it the outcome', async () => {
    for (const name of asked) {
      const seen: unknown[] = []
      const done = await run(name, async (permit) => {
        await h.change.intent(permit, nothing)
        seen.push(...(await outcomesOf(permit.call.requestId)))
        await h.change(permit, nothing)
      })
      expect([name, done.outcome, seen]).toMatchObject([name, 'ok', [{ outcome: 'intent' }]])
      const [intent, outcome] = await outcomesOf(done.requestId)
      expect([intent?.outcome, outcome?.outcome, outcome?.intent]).toEqual(['intent', 'allowed', intent?.id])
    }
  })

  test('what is refused or fails on the way is in the log as that', async () => {
    for (const name of asked) {
      for (const [error, outcome] of [
        [new Refusal('conflict'), 'refused'],
        [new TypeError('a defect'), 'failed'],
      ] as const) {
        const { requestId } = await run(name, async (permit) => {
          await h.change.intent(permit, nothing)
          throw error
        })
        const [intent, end] = await outcomesOf(requestId)
        expect([name, intent?.outcome, end?.outcome, end?.intent]).toEqual([name, 'intent', outcome, intent?.id])
      }
    }
  })

  test('what a crash cut off between the two is closed as unknown, each once', async () => {
    const begun: { name: OperationName; requestId: string }[] = []
    for (const name of asked) {
      const reached = Promise.withResolvers<string>()
      void run(name, async (permit) => {
        await h.change.intent(permit, nothing)
        reached.resolve(permit.call.requestId)
        await new Promise(() => undefined)
      })
      begun.push({ name, requestId: await reached.promise })
    }
    h.clock.shiftSeconds(121)
    const sweep = { db: h.db, clock: h.clock, random: systemRandom(h.clock), subjectKeys: h.subjectKeys }
    let closed = 0
    for (let some = 1; some > 0; closed += some) some = await closeOverdueIntents(sweep)
    expect(closed).toBe(asked.length)
    for (const { name, requestId } of begun) {
      const [intent, end] = await outcomesOf(requestId)
      expect([end?.action, end?.outcome, end?.intent]).toEqual([name, 'unknown', intent?.id])
    }
  })
})

describe('calls that write together', () => {
  const touch = (tx: Transaction) => tx.updateTable('team').set({ description: 'touched' }).execute()
  /** Calls at once; the last to be allowed writes for all of them, each with its number. */
  const addMembers = async (callers: readonly Principal[], before: () => Promise<void> = () => Promise.resolve()) => {
    const permits: Permit<'team.addMember'>[] = []
    const written = Promise.withResolvers<unknown>()
    const calls = callers.map((caller) => {
      h.as(caller)
      return h.call('team.addMember', { id: 'sre', user: 'ada' }, async (permit) => {
        permits.push(permit)
        if (permits.length === callers.length) {
          const work = async (tx: Transaction): Promise<number[]> => {
            await touch(tx)
            return permits.map((_, number) => number)
          }
          written.resolve(before().then(() => h.change.together(permits, work, (number) => ({ detail: { number } }))))
        }
        await written.promise
        return answer(permit.slice?.resource.id ?? '', 'sre')
      })
    })
    return Promise.allSettled(calls)
  }
  const descriptions = async () => (await h.admin.selectFrom('team').select('description').execute()).map(Object.values)

  test('are one transaction, with an entry for each of them', async () => {
    await insertTeam(h.admin, 'sre')
    const ada = person()
    const calls = await addMembers([ada, ada, ada])
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(await descriptions()).toEqual([['touched']])
    const entries = await h.entries()
    expect(entries.map(({ outcome, detail }) => [outcome, detail])).toEqual(
      expect.arrayContaining([0, 1, 2].map((number) => ['allowed', { number }])),
    )
    expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(3)
    const { rows } = await sql`select distinct xmin::text from audit_pending`.execute(h.admin)
    expect(rows).toHaveLength(1)
  })

  // Threat D6
  test('write nothing when one of them is no longer allowed, and each is recorded as refused', async () => {
    await insertTeam(h.admin, 'sre')
    const ada = person()
    let asked = 0
    const calls = await addMembers([ada, ada, ada], async () => {
      await h.admin.updateTable('team').set({ description: 'moved' }).execute()
      h.decideBy(() => ((asked += 1) === 2 ? deny : allow))
    })
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await descriptions()).toEqual([['moved']])
    const refused = expect.objectContaining({ outcome: 'refused', refusal: 'forbidden' }) as unknown
    expect(await h.entries()).toEqual([refused, refused, refused])
  })

  test('are of one caller: those of two are a mistake, and nothing is written', async () => {
    await insertTeam(h.admin, 'sre')
    const calls = await addMembers([person(), person({ username: 'bob' })])
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await descriptions()).not.toEqual([['touched']])
    expect((await h.entries()).map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
  })
})

describe('rows that one statement writes with their entries', () => {
  const teamsNamed = (...names: readonly string[]): Beside => ({
    name: 'teams-of-a-test',
    text: `insert into team (id, name, description)
      select one.id, one.name, $3::text from stands, unnest((select $1::uuid[]), (select $2::text[])) as one(id, name)`,
    parameters: [names.map(() => randomUUID()), names, ''],
  })
  /** What came of writing teams by some permits on one workspace. */
  const writtenBy = async (beside: Beside | null, before: () => Promise<unknown> = () => Promise.resolve()) => {
    await insertWorkspace()
    const permits: Permit<'sshHost.register'>[] = []
    const written = Promise.withResolvers<boolean>()
    const calls = [0, 1].map(() =>
      register(async (permit) => {
        permits.push(permit)
        if (permits.length === 2)
          written.resolve(
            before().then(() => h.change.atOnce(permits, { beside, notes: [0, 1].map((n) => ({ detail: { n } })) })),
          )
        await written.promise
      }),
    )
    await Promise.allSettled(calls)
    return written.promise
  }
  const allowed = async () => (await h.entries()).filter(({ outcome }) => outcome === 'allowed')

  test('are there with an entry for each permit, in one transaction', async () => {
    expect(await writtenBy(teamsNamed('one', 'two', 'three'))).toBe(true)
    expect((await teams()).map(({ name }) => name).toSorted()).toEqual(['one', 'three', 'two'])
    const entries = await allowed()
    expect(entries.map(({ detail }) => detail)).toEqual(expect.arrayContaining([{ n: 0 }, { n: 1 }]))
    expect(entries).toHaveLength(2)
    const ids = sql.val(entries.map(({ id }) => String(id)))
    const { rows } = await sql`select xmin::text from audit_pending where entry_id = any (${ids}::uuid[])
      union select xmin::text from team`.execute(h.admin)
    expect(rows).toHaveLength(1)
  })

  test('may be none: the entries are there', async () => {
    expect(await writtenBy(null)).toBe(true)
    expect([await teams(), (await allowed()).length]).toEqual([[], 2])
  })

  // Threat D6
  test('are not written, and nor are entries, when what was decided on has moved', async () => {
    const move = () => h.admin.updateTable('workspace').set({ name: 'moved' }).execute()
    expect(await writtenBy(teamsNamed('one'), move)).toBe(false)
    expect([await teams(), await allowed()]).toEqual([[], []])
  })

  test('wait for who is moving it, and are not written then', async () => {
    const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let moved = Promise.resolve()
    const moving = async () => {
      moved = h.admin.transaction().execute(async (tx) => {
        await tx.updateTable('workspace').set({ name: 'moved' }).execute()
        held.resolve()
        await release.promise
      })
      await held.promise
    }
    const waits = async () => {
      const { rows } = await sql`select from pg_locks where not granted`.execute(h.db)
      return rows.length
    }
    const written = writtenBy(teamsNamed('one'), moving)
    await held.promise
    await expect.poll(waits).toBeGreaterThan(0)
    release.resolve()
    await moved
    expect(await written).toBe(false)
    expect([await teams(), await allowed()]).toEqual([[], []])
  })

  // ADR 119, threats A12 and A13
  test('are written by a caller who is assumed to be who they were while they are', async () => {
    h.as(await insertAssumed(h.admin))
    expect(await writtenBy(teamsNamed('one'))).toBe(true)
    expect([(await teams()).length, (await allowed()).length]).toEqual([1, 2])
  })

  const moves: readonly [string, (one: UserPrincipal) => Promise<unknown>][] = [
    [
      'their session was ended',
      ({ session: { id } }) =>
        sql`update session set revoked_at = now(), revoke_reason = 'x' where id = ${id}`.execute(h.admin),
    ],
    [
      'a role of theirs is another',
      ({ id }) =>
        sql`insert into user_role (user_id, role, granted_at) values (${id}, 'Auditor', now())`.execute(h.admin),
    ],
    // what was decided on: they are looked at, and it is decided again
    ['the workspace moved', () => h.admin.updateTable('workspace').set({ name: 'moved' }).execute()],
  ]
  test.for(moves)('are not written by them, and nor are entries, once %s', async ([, move]) => {
    const ada = await insertAssumed(h.admin)
    h.as(ada)
    await expect(writtenBy(teamsNamed('one'), () => move(ada))).rejects.toMatchObject({ name: 'CallerMovedError' })
    expect([await teams(), await allowed()]).toEqual([[], []])
  })

  test('are not written by them either where it happened while the statement waited for a row', async () => {
    const ada = await insertAssumed(h.admin)
    h.as(ada)
    const [held, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holding = async () => {
      void h.admin.transaction().execute(async (tx) => {
        await sql`select from workspace for update`.execute(tx)
        held.resolve()
        await ended.promise
      })
      await held.promise
    }
    const written = writtenBy(teamsNamed('one'), holding)
    const refused = expect(written).rejects.toMatchObject({ name: 'CallerMovedError' })
    await held.promise
    const waits = async () => (await sql`select from pg_locks where not granted`.execute(h.db)).rows
    await expect.poll(waits).not.toEqual([])
    const token = { jti: ada.tokenId, expires_at: new Date(Date.now() + 60_000), reason: 'x' }
    await h.db.insertInto('revoked_token').values(token).execute()
    ended.resolve()
    await refused
    expect([await teams(), await allowed()]).toEqual([[], []])
  })

  test('that cannot be written take their entries with them', async () => {
    await expect(writtenBy(teamsNamed('same', 'same'))).rejects.toMatchObject({ code: '23505' })
    expect([await teams(), await allowed()]).toEqual([[], []])
  })
})
