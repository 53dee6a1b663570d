import {
  isOperationName,
  operationNames,
  operations,
  reaches,
  Refusal,
  type Assurance,
  type OperationName,
} from '@gatehouse/contract'
import { apiTokenOf, type Principal } from './principal.ts'

/** Every read: what a report or a dashboard needs. */
const readScope = 'read'

/** What is open to strangers needs no scope, and what only the worker does has none. */
const isScoped = (name: OperationName): boolean =>
  operations[name].internal !== true && !operations[name].authorize.principals.includes('Anonymous')

const isRead = (name: OperationName): boolean =>
  operations[name].kind !== 'mutation' && operations[name].groups.includes('readActions')

/** True when one of a token's scopes names the operation. A scope that names nothing (any more) admits nothing. */
export const scopesAdmit = (scopes: readonly string[], name: OperationName): boolean =>
  isScoped(name) &&
  scopes.some((scope) => scope === name || scope === `${nounOf(name)}.*` || (scope === readScope && isRead(name)))

/** Whose a token would be, and whether anybody who finds it could use it. */
export interface TokenBearer {
  readonly type: 'User' | 'Service'
  /** To source addresses or to a key: only then a program's token counts as a second factor. */
  readonly bound: boolean
}

/** What is wrong with a scope of such a token, one that it could never use included; null: nothing. */
export function scopeProblem(scope: string, bearer: TokenBearer): string | null {
  if (scope === readScope) return null
  const named = namedBy(scope)
  if (named.length === 0) return `operations that exist; there is no \`${scope}\``
  const scoped = named.filter(isScoped)
  if (scoped.length === 0) return `operations that take a log-in; \`${scope}\` is open to anyone, or to nobody outside`
  const callable = scoped.filter((name) => operations[name].authorize.principals.includes(bearer.type))
  if (callable.length === 0) return wrongKind[bearer.type](scope)
  const provable: Assurance = bearer.type === 'Service' && bearer.bound ? 'mfa' : 'pw'
  if (callable.some((name) => reaches(provable, operations[name].assurance))) return null
  const boundWouldDo = bearer.type === 'Service' && callable.some((name) => reaches('mfa', operations[name].assurance))
  return boundWouldDo
    ? `what a token that is bound to nothing may do; for \`${scope}\` give source addresses or a key`
    : `what an API token may do; \`${scope}\` needs a second factor, which ${neverProves[bearer.type]}`
}

const namedBy = (scope: string): readonly OperationName[] => {
  if (scope.endsWith('.*')) return operationNames.filter((name) => `${nounOf(name)}.*` === scope)
  return isOperationName(scope) ? [scope] : []
}

const wrongKind = {
  User: (scope: string) => `what a person may do; \`${scope}\` is for service accounts`,
  Service: (scope: string) => `what a service account may do; \`${scope}\` is for people`,
} as const

const neverProves = {
  User: "a person's token never proves: log in to do it, or let a service account do it by a bound token",
  Service: 'only a person can prove freshly',
} as const

/**
 * A token does at most what its scopes say, before any policy is asked. Its owner's rights narrow it further, as they
 * are at this moment.
 */
export function refuseOutsideScopes(name: OperationName, principal: Principal): void {
  const token = apiTokenOf(principal)
  if (token === null || !isScoped(name) || scopesAdmit(token.scopes, name)) return
  throw new Refusal('forbidden', {
    reason: 'no-permit',
    policies: [],
    hint: `the scopes of this token do not include ${name}; make a token with that scope`,
  })
}

const nounOf = (name: OperationName): string => name.split('.')[0] ?? name
