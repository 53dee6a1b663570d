import { secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { z } from 'zod'
import { sweepBudgets } from '../../budgets.ts'
import type { BackendLimits, Testimony } from '../../secret-backend.ts'
import { noMaterial } from '../../material.ts'
import type { Material, ProvedPlace, SecretProvider, Target } from '../../secret-provider.ts'
import { BackendError } from '../backend-error.ts'
import type { OwnDatabase } from '../own-database.ts'
import { refuseGrants } from './postgres-grants.ts'
import {
  changeOwnPassword,
  endLogin,
  factsOf,
  findLogins,
  loginOf,
  lookUpLogin,
  makeLogin,
  renewLogin,
  type ServerFacts,
} from './postgres-logins.queries.ts'
import { clientUrl, parsePostgresUrl, shownPlace, urlOf, type PostgresPlace } from './postgres-place.ts'
import { inTransaction, isRefusedLogin, withServer, type PostgresServer } from './postgres-server.queries.ts'
import { scramVerifier } from './scram-verifier.ts'

/** What a server is reached with. */
const Settings = z.object({ url: z.string(), authority: z.string().nullable() })
type PostgresSettings = z.output<typeof Settings>

/** What a login is made with. */
const Form = z.object({ grants: z.array(z.string()).min(1), connectionsMax: z.int().min(1) })
type PostgresForm = z.output<typeof Form>

/** A shorter one would end before a person has used it; a day is the longest of every backend. */
const limits = { ttlSecondsMin: 60, ttlSecondsMax: 86_400, renewable: true, revocation: 'deletes' } as const

/** How long a server is waited for, with all that is asked of it at once. */
export const postgresSeconds = {
  /** A person waits for these. Shorter than a pending lease is left alone, so that it is not revoked under them. */
  call: 15,
  /** One question. */
  find: 10,
  /** A little less than the sweep waits, so that it hears why and not only that it is late. */
  revoke: sweepBudgets.postgres.waitSeconds - 1,
} as const

/** 256 bits: nobody guesses it, whatever the server keeps of it. */
const passwordBytes = 32
const saltBytes = 16

export interface PostgresDeps {
  readonly outbound: Outbound
  readonly random: Pick<Random, 'bytes'>
  readonly own: OwnDatabase
  readonly seconds: Readonly<Record<keyof typeof postgresSeconds, number>>
}

/** PostgreSQL servers: a lease's credential is a login of its own, with the rights of existing roles. */
export function postgresProvider(deps: PostgresDeps): SecretProvider<PostgresSettings, PostgresForm> {
  const { outbound, random, own, seconds } = deps
  const at = <T>(
    target: Target<PostgresSettings>,
    secondsMax: number,
    work: (server: PostgresServer) => Promise<T>,
  ) => {
    const { url, authority } = target.settings
    const contact = { outbound, place: parsePostgresUrl(url), authority, secondsMax }
    return withServer(contact, async (server) => {
      await refuseAnother(server, target.identity)
      return work(server)
    })
  }
  const secretText = (): string => Buffer.from(random.bytes(passwordBytes)).toString('base64url')
  const verifierOf = (password: string): Promise<string> => scramVerifier(password, random.bytes(saltBytes))
  return {
    kind: 'postgres',
    limits,
    settings: Settings,
    form: Form,
    handle: z.null(), // the login is named after the lease
    probe: (target) => at(target, seconds.call, (server) => proved(server, parsePostgresUrl(target.settings.url), own)),
    check: (target, { grants }) => at(target, seconds.call, (server) => refuseGrants(server, grants, own)),
    issue: async (target, { lease, backendId }, { grants, connectionsMax }) => {
      const password = secretText()
      const verifier = await verifierOf(password)
      const login = { leaseId: lease.id, backendId, grants, connectionsMax, verifier, validUntil: lease.expiresAt }
      await at(target, seconds.call, (server) =>
        inTransaction(server, async () => {
          await refuseGrants(server, grants, own) // what they reach may have changed since the role was made
          await makeLogin(server, login)
        }),
      )
      return secret(materialOf(target.settings, { user: loginOf(lease.id), password }))
    },
    renew: async (target, { lease }, until) => {
      await at(target, seconds.call, (server) => renewLogin(server, lease.id, until))
      return until
    },
    revoke: (target, { lease }) => at(target, seconds.revoke, (server) => endLogin(server, lease.id)),
    prove: (target, { lease }) => at(target, seconds.find, (server) => lookedUp(server, lease.id)),
    find: (target, { backendId }) => at(target, seconds.find, (server) => findLogins(server, backendId)),
    renewed: ({ settings }) => {
      const place = parsePostgresUrl(settings.url)
      return Promise.resolve({ ...settings, url: urlOf(place, { user: place.user, password: secretText() }) })
    },
    replace: async (target, renewed) => {
      const verifier = await verifierOf(parsePostgresUrl(renewed.url).password.expose())
      await at(target, seconds.call, (server) => changeOwnPassword(server, verifier))
    },
    isRefused: isRefusedLogin,
  }
}

/** The catalogue of roles is the server's own, of all its databases: who is not in it cannot log in. */
async function lookedUp(server: PostgresServer, leaseId: string): Promise<Omit<Testimony, 'provider'>> {
  const { there, connections, now } = await lookUpLogin(server, leaseId)
  const login = loginOf(leaseId)
  const said = there ? `the login ${login} is there` : `there is no login ${login}`
  return {
    dead: !there && connections === 0,
    said: connections === 0 ? said : `${said}; connections: ${connections}`,
    facts: { system: identityOf(await factsOf(server)), login, serverTime: now },
  }
}

const identityOf = ({ system, database }: ServerFacts): string => `${system}/${database}`

async function refuseAnother(server: PostgresServer, identity: string | null): Promise<void> {
  if (identity === null || identityOf(await factsOf(server)) === identity) return
  throw new BackendError(
    'unfit',
    'another server answers there than the one that was configured; configure it again, with --moved if it is the same',
  )
}

async function proved(server: PostgresServer, place: PostgresPlace, own: OwnDatabase): Promise<ProvedPlace> {
  const facts = await factsOf(server)
  if (identityOf(facts) === identityOf({ ...facts, ...(await own.identity()) }))
    throw new BackendError('refused', 'this is the database of Gatehouse itself')
  if (facts.standby) throw new BackendError('unfit', 'the server is a standby: logins are made on its primary')
  if (!facts.mayMakeLogins)
    throw new BackendError('denied', `\`${place.user}\` may not make logins: ALTER ROLE it with CREATEROLE`)
  return { identity: identityOf(facts), shown: shownPlace(place) }
}

function materialOf(
  { url, authority }: PostgresSettings,
  login: { readonly user: string; readonly password: string },
): Material {
  const place = parsePostgresUrl(url)
  const { host, port, database } = place
  return {
    ...noMaterial,
    kind: 'postgres',
    username: login.user,
    password: secret(login.password),
    url: secret(clientUrl(place, login)),
    host,
    port,
    database,
    authority,
  }
}

/** What the kind allows, for who decides about it. */
export const postgresLimits: BackendLimits = limits
