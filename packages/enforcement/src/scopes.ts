import { isOperationName, operationNames, operations, Refusal, type OperationName } from '@gatehouse/contract'
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

/** What is wrong with a scope; null: nothing. */
export function scopeProblem(scope: string): string | null {
  if (scope === readScope) return null
  const named = scope.endsWith('.*')
    ? operationNames.filter((name) => `${nounOf(name)}.*` === scope)
    : isOperationName(scope)
      ? [scope]
      : []
  if (named.length === 0) return `operations that exist; there is no \`${scope}\``
  return named.some(isScoped)
    ? null
    : `operations that take a log-in; \`${scope}\` is open to anyone, or to nobody outside`
}

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
