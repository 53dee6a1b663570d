import { systemId } from '@gatehouse/contract'
import { baseContext, uid, type ActivePerson, type DecisionRequest } from '@gatehouse/enforcement'
import { logIns } from './log-ins.ts'
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
  for (let hour = 0; hour < hoursAWeek; hour += 1) {
    const at = new Date(now.getTime() + hour * hourMilliseconds)
    const logsIn = logIns(prepared, { address, at, step })
    for (const person of people)
      if ((await logsIn(person)) && (await allows(publishBy(person, address, at)))) return true
  }
  return false
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
