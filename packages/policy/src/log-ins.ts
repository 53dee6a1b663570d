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

type Way = ActivePerson['logsInBy'][number]

/** Ways to log in with what proves two factors: each step has to be open, to somebody who can go it. */
const waysIn: Readonly<Record<Way, readonly OperationName[]>> = {
  password: ['auth.login', 'auth.completeMfa'],
  passkey: ['auth.passkeyBegin', 'auth.passkeyComplete'],
}

interface Moment {
  readonly address: string
  readonly at: Date
  /** Lets others have their turn between decisions. */
  readonly step: () => Promise<void>
}

/**
 * Says of people whether a set lets them log in at one moment, by what they have. Each way is asked about once,
 * whoever can go it.
 */
export function logIns(
  { evaluate }: PreparedSet,
  { address, at, step }: Moment,
): (person: ActivePerson) => Promise<boolean> {
  const asked = new Map<Way, Promise<boolean>>()
  const isOpen = async (way: Way): Promise<boolean> => {
    for (const action of waysIn[way]) {
      await step()
      const { effect, errors } = evaluate(logInBy(action, address, at))
      if (effect === 'deny' || errors.length > 0) return false
    }
    return true
  }
  return async ({ logsInBy }) => {
    for (const way of logsInBy) {
      const answer = asked.get(way) ?? isOpen(way)
      asked.set(way, answer)
      if (await answer) return true
    }
    return false
  }
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
