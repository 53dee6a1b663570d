import { nameOf, type AuditDraft, type Random } from '@gatehouse/enforcement'
import { commitmentTo, saltBytes, type Commitment, type PersonalValue } from './commitment.ts'
import { shortText } from './recordable.ts'
import { remembering } from './sealed-parts.ts'

/** What an entry commits to of its caller, and the values behind that. */
export interface SaidOfCaller {
  readonly name: Commitment | null
  readonly ip: Commitment | null
  readonly userAgent: Commitment | null
  readonly values: readonly PersonalValue[]
}

/** Commits to values, each under a salt of its own, and keeps them. */
export interface Committing {
  /** Null: there is nothing to commit to. */
  readonly commit: (field: string, value: string) => Commitment | null
  readonly values: readonly PersonalValue[]
}

/** Begins to commit; `nextSalt` hands out each salt once. */
export function committing(nextSalt: () => Uint8Array): Committing {
  const values: PersonalValue[] = []
  return {
    values,
    commit: (field, value) => {
      if (value === '') return null
      const clear = { field, value, salt: nextSalt() }
      values.push(clear)
      return commitmentTo(clear)
    },
  }
}

/** Who a draft says that calls, as it is recorded. */
const callerOf = ({ principal, call }: AuditDraft) => ({
  name: shortText(nameOf(principal) ?? ''),
  ip: shortText(call.address),
  userAgent: shortText(call.userAgent),
})

const commitTo = ({ name, ip, userAgent }: ReturnType<typeof callerOf>, { commit, values }: Committing) => ({
  name: commit('principal.name', name),
  ip: commit('ip', ip),
  userAgent: commit('userAgent', userAgent),
  values,
})

/** What one entry alone says of its caller. */
export const sayOfCaller = (draft: AuditDraft, by: Committing): SaidOfCaller => commitTo(callerOf(draft), by)

/**
 * The id of a token stands where a log-in's would: both say by what a call was proved, and both are searched for when
 * one was stolen.
 */
export const sessionOf = (principal: AuditDraft['principal']): string | null => {
  if (principal.type === 'User') return shortText(principal.session.id)
  const token = principal.type === 'Service' ? principal.apiToken : undefined
  return token === undefined ? null : shortText(token.id)
}

/** What is said of a caller in all entries of their session in a minute. Null: the caller has no session. */
export type SayOfSession = (draft: AuditDraft, at: Date) => SaidOfCaller | null

/** Sessions of which it is remembered what was said: more than are at work at once. */
const sessionsMax = 10_000
const minuteMilliseconds = 60_000
/** Name, address, user agent. */
const valuesMax = 3

/**
 * Commits to what is the same in each call of a session once a minute: that, and sealing it, was half of what an entry
 * cost. Who compares two entries of one session, which both say which one it is, sees whether its address was the same.
 * Callers without a session are never told by it to be the same.
 */
export function rememberedSessions(random: Random): SayOfSession {
  const remembered = remembering<{ readonly minute: number; readonly said: SaidOfCaller }>(sessionsMax)
  return (draft, at) => {
    const session = sessionOf(draft.principal)
    if (session === null) return null
    const caller = callerOf(draft)
    const minute = Math.floor(at.getTime() / minuteMilliseconds)
    // INVARIANT: no text that is recorded holds a NUL, so no two callers have one key
    const key = [draft.principal.id, session, caller.name, caller.ip, caller.userAgent].join('\0')
    const known = remembered.get(key)
    if (known?.minute === minute) return known.said
    const salts = random.bytes(saltBytes * valuesMax)
    let used = 0
    const said = commitTo(
      caller,
      committing(() => salts.subarray(used, (used += saltBytes))),
    )
    remembered.set(key, { minute, said })
    return said
  }
}
