import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { composeProcess, withSeeding, type Process } from '@gatehouse/compose'
import { loadConfig } from '@gatehouse/config'
import { Refusal, type OperationName, type Output, type Raw } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import { issueAccessToken, seedPrincipals } from '@gatehouse/identity'
import { createDatabase } from '@gatehouse/testkit'

const root = resolve(import.meta.dirname, '../../..')

/** A host at which nobody listens. */
export const silentHost = '127.0.9.1:1'

/** Somebody who is logged in with both factors. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly token: string
}

/**
 * A whole system in this process, but for HTTP: two gateways on one database, with the shipped policies unless others
 * are given.
 */
export interface System {
  readonly db: Store
  /** By the login that owns the tables. */
  readonly admin: Store
  readonly nodes: readonly [Process, Process]
  readonly worker: Process
  logIn(name: string): Promise<Person>
  call<N extends OperationName>(who: Person | string, name: N, raw: Raw<N>, node?: 0 | 1): Promise<Output<N>>
  /** The code of the refusal, or `allowed`. */
  outcome<N extends OperationName>(who: Person | string, name: N, raw: Raw<N>, node?: 0 | 1): Promise<string>
  /** The refusal that a call ends with. */
  refusal<N extends OperationName>(who: Person | string, name: N, raw: Raw<N>, node?: 0 | 1): Promise<Refusal>
  end(): Promise<void>
}

export async function startSystem({ policies = join(root, 'policies') } = {}): Promise<System> {
  const [database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gh-break-glass-'))])
  const settings = join(home, 'security.toml')
  // the server of our own database is the one on which tests have others
  const own = ['127.0.0.1', '[::1]'].map((address) => `${address}:${new URL(database.url).port}`)
  const allowed = [...own, silentHost].map((place) => `"${place}"`).join(', ')
  await writeFile(settings, `[outbound]\nallowed = [${allowed}]\n`)
  const env = { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: settings }
  const config = loadConfig({ ...env, CEDAR_POLICIES_PATH: policies }, root)
  await withSeeding(config, (deps) => seedPrincipals(deps))
  const open = (id: 'gateway' | 'worker'): Promise<Process> =>
    composeProcess({
      config,
      name: id,
      version: '0',
      service: { type: 'Service', id, name: id, bound: true },
      temporal: null,
      limiter: () => ({ admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() }),
      alerts: { raise: () => undefined },
      onFault: (fault) => {
        console.error(fault.cause)
      },
      onError: (part, error) => {
        console.error(part, error)
      },
    })
  const [first, second, worker] = [await open('gateway'), await open('gateway'), await open('worker')]
  const nodes = [first, second] as const
  const { db, clock, random } = first.foundation
  const admin = openStore(database.adminUrl, { size: 1, name: 'break-glass-test' })
  const call: System['call'] = (who, name, raw, node = 0) =>
    nodes[node].enforcer.call({
      name,
      raw,
      requestId: random.id(),
      caller: {
        credential: typeof who === 'string' ? who : who.token,
        address: '192.0.2.7',
        userAgent: 'test',
        transport: 'trpc',
      },
    })
  const refused = async <N extends OperationName>(...of: Parameters<typeof call<N>>): Promise<Refusal | null> => {
    try {
      await call(...of)
      return null
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }
  return {
    db,
    admin,
    nodes,
    worker,
    call,
    outcome: async (...of) => (await refused(...of))?.code ?? 'allowed',
    refusal: async (...of) => {
      const refusal = await refused(...of)
      if (refusal === null) throw new TypeError(`${of[1]} was not refused`)
      return refusal
    },
    logIn: async (name) => {
      const { id } = await db.selectFrom('users').select('id').where('username', '=', name).executeTakeFirstOrThrow()
      const [sessionId, now] = [random.id(), clock.now()]
      await db
        .insertInto('session')
        .values({
          id: sessionId,
          user_id: id,
          assurance: 'mfa',
          methods: ['password', 'totp'],
          auth_time: now,
          proved_at: now,
          recovery_until: null,
          address: '192.0.2.7',
          user_agent: 'test',
          last_used_at: now,
          expires_at: new Date(now.getTime() + 8 * 3_600_000),
          revoked_at: null,
          revoke_reason: null,
        })
        .execute()
      const { accessToken } = await issueAccessToken(
        { key: await first.signingKeys.within(db), clock, random, config: config.settings },
        {
          userId: id,
          sessionId,
          assurance: 'mfa',
          methods: ['password', 'totp'],
          authTime: now,
          roles: [],
          teams: [],
          workspace: null,
          ttlSeconds: 900,
          keyThumbprint: null,
        },
      )
      return { id, name, token: accessToken.expose() }
    },
    end: async () => {
      await Promise.all([first.close(), second.close(), worker.close(), admin.destroy()])
      await database.drop()
      await rm(home, { recursive: true })
    },
  }
}
