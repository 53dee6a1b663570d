import { systemId, type OperationName } from '@gatehouse/contract'
import {
  anonymous,
  baseContext,
  principalEntities,
  uid,
  type ActivePerson,
  type DecisionRequest,
} from '@gatehouse/enforcement'
import type { PreparedSet } from './prepared-set.ts'

export interface AdministratorsOptions {
  readonly people: readonly ActivePerson[]
  readonly address: string
  readonly now: Date
  /** Lets others have their turn between decisions. */
  readonly step: () => Promise<void>
}

const hourMilliseconds = 3_600_000
const hoursAWeek = 168

type Way = ActivePerson['logsInBy'][number]

/** Ways to log in with what proves two factors: each step has to be open, to somebody who can go it. */
const waysIn: Readonly<Record<Way, readonly OperationName[]>> = {
  password: ['auth.login', 'auth.completeMfa'],
  passkey: ['auth.passkeyBegin', 'auth.passkeyComplete'],
}

/**
 * Whether any of these people may log in, by what they have, and publish policies by a set, at any hour of the week to
 * come: a set that nobody may change any more can be mended on the server's machine only. Who is logged in now is not
 * for long, and a way in for passkeys is none where no administrator has one.
 */
export async function hasAdministrator(
  prepared: PreparedSet,
  { people, address, now, step }: AdministratorsOptions,
): Promise<boolean> {
  const allows = async (request: DecisionRequest): Promise<boolean> => {
    await step()
    const { effect, errors } = prepared.evaluate(request)
    return effect === 'allow' && errors.length === 0
  }
  const isOpenTo = async ({ logsInBy }: ActivePerson, opens: (way: Way) => Promise<boolean>): Promise<boolean> => {
    for (const way of logsInBy) if (await opens(way)) return true
    return false
  }
  for (let hour = 0; hour < hoursAWeek; hour += 1) {
    const at = new Date(now.getTime() + hour * hourMilliseconds)
    const opens = once((way: Way) => every(waysIn[way], (action) => allows(logInBy(action, address, at))))
    for (const person of people)
      if ((await isOpenTo(person, opens)) && (await allows(publishBy(person, address, at)))) return true
  }
  return false
}

/** Asks once about each, whoever else wants to know. */
function once<K, V>(ask: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const asked = new Map<K, Promise<V>>()
  return (key) => {
    const known = asked.get(key) ?? ask(key)
    asked.set(key, known)
    return known
  }
}

async function every<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (!(await holds(one))) return false
  return true
}

function logInBy(action: OperationName, address: string, at: Date): DecisionRequest {
  const system = uid('System', systemId)
  return {
    principal: uid(anonymous.type, anonymous.id),
    action,
    resource: system,
    context: baseContext({
      now: at,
      address,
      principalId: anonymous.id,
      place: null,
      assurance: 'none',
      apiToken: false,
    }),
    entities: [...principalEntities(anonymous), { uid: system, attrs: {}, parents: [] }],
  }
}

function publishBy({ id, roles, teams, hasAuthenticator }: ActivePerson, address: string, at: Date): DecisionRequest {
  const self = uid('User', id)
  const parents = [...roles.map((role) => uid('Role', role)), ...teams.map((team) => uid('Team', team))]
  const system = uid('System', systemId)
  return {
    principal: self,
    action: 'policy.publish',
    resource: system,
    context: baseContext({ now: at, address, principalId: id, place: null, assurance: 'su', apiToken: false }),
    entities: [
      { uid: self, attrs: { hasAuthenticator }, parents },
      ...[...parents, system].map((one) => ({ uid: one, attrs: {}, parents: [] })),
    ],
  }
}
