import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { apiTokenOf, mayRecover, type Clock, type HandlersOf, type LoadWorkspaces } from '@gatehouse/enforcement'
import type { PolicyEngine } from '../policy-engine.ts'
import { accessOf, type AccessCaller } from './access-of.ts'
import { createPace } from './pace.ts'
import { literalsOf } from './policy-literals.ts'

export interface AccessHandlersDeps {
  readonly engine: PolicyEngine
  readonly db: Store
  readonly workspaces: LoadWorkspaces<Store>
  readonly clock: Clock
}

type AccessMine = Output<'access.mine'>

/** Hour and address count for a decision, so an answer is not kept longer. */
const answerMilliseconds = 60_000
/** Answers kept at once; of the oldest the next asker pays again. A few KiB each. */
const answersMax = 500
/** Half of what a turn may take: a turn can see the end of one share and the beginning of the next. [60 µs each.] */
const decisionsPerTurn = 50
const hourMilliseconds = 3_600_000

/** The handler of `access.mine`. */
export function accessHandlers(deps: AccessHandlersDeps): HandlersOf<'access'> {
  const pace = createPace(decisionsPerTurn)
  const answers = new Map<string, { readonly answer: Promise<AccessMine>; readonly until: number }>()

  const computed = async (caller: AccessCaller): Promise<AccessMine> => {
    const { version } = deps.engine.status()
    const workspaces = await deps.workspaces(deps.db)
    const literals = literalsOf(deps.engine.list())
    const operations = await accessOf({ decider: deps.engine.decider, literals, pace, workspaces }, caller)
    return { at: caller.now, expiresAt: new Date(untilOf(caller.now)), policyVersion: version, operations }
  }

  return {
    'access.mine': async ({ principal, call }) => {
      const caller = { principal, address: call.address, now: deps.clock.now() }
      const now = caller.now.getTime()
      const key = keyOf(caller, deps.engine.status().version)
      const known = answers.get(key)
      if (known !== undefined && now < known.until) return known.answer
      const answer = computed(caller)
      answers.delete(key)
      answers.set(key, { answer, until: untilOf(caller.now) })
      forgetOldest(answers)
      answer.catch(() => answers.delete(key))
      return answer
    },
  }
}

/** A minute on, or the next full hour where that is sooner. */
function untilOf(now: Date): number {
  const nextHour = (Math.floor(now.getTime() / hourMilliseconds) + 1) * hourMilliseconds
  return Math.min(now.getTime() + answerMilliseconds, nextHour)
}

function forgetOldest(answers: Map<string, unknown>): void {
  for (const key of answers.keys()) {
    if (answers.size <= answersMax) return
    answers.delete(key)
  }
}

/** Whatever of the caller a policy may ask for: when one of it changes, the answer is another's. */
function keyOf({ principal, address, now }: AccessCaller, version: string): string {
  const token = apiTokenOf(principal)
  const facts = {
    version,
    address,
    principal: [principal.type, principal.id],
    roles: principal.type === 'User' ? principal.roles : [],
    teams: principal.type === 'Anonymous' ? [] : (principal.teams ?? []).map(({ id }) => id),
    attribute: principal.type === 'User' ? principal.hasAuthenticator : null,
    bound: principal.type === 'Service' && principal.bound,
    token: token === null ? null : [token.id, token.scopes],
    recovery: mayRecover(principal, now),
  }
  return JSON.stringify(facts)
}
