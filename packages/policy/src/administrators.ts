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

/** Ways to log in with what proves two factors: of one of them each step has to be open. */
const waysIn: readonly (readonly OperationName[])[] = [
  ['auth.login', 'auth.completeMfa'],
  ['auth.passkeyBegin', 'auth.passkeyComplete'],
]

/**
 * Whether any of these people may log in and publish policies by a set, at any hour of the week to come: a set that
 * nobody may change any more can be mended on the server's machine only. Who is logged in now is not for long.
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
  const isOpen = async (at: Date): Promise<boolean> => {
    for (const way of waysIn) if (await every(way, (action) => allows(logInBy(action, address, at)))) return true
    return false
  }
  for (let hour = 0; hour < hoursAWeek; hour += 1) {
    const at = new Date(now.getTime() + hour * hourMilliseconds)
    if (!(await isOpen(at))) continue
    for (const person of people) if (await allows(publishBy(person, address, at))) return true
  }
  return false
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
