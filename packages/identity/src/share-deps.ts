import { createPasswordHashing } from './proof/password/password-hashing.ts'
import { createAuthFailures } from './proof/throttle/auth-failures.ts'
import { createGuessThrottle } from './proof/throttle/guess-throttle.ts'
import type { HandlerDeps, IdentityDeps } from './shared/deps.ts'

/** Opens what all handlers of one process share. Call once per process. */
export function shareDeps(deps: IdentityDeps): HandlerDeps {
  const { db, clock, random, config } = deps
  return {
    ...deps,
    passwords: createPasswordHashing(random, config.password),
    throttle: createGuessThrottle({
      db,
      clock,
      limit: config.mfa.rateLimit,
      windowSeconds: config.mfa.rateLimitWindowSeconds,
      isExemptAddress: deps.isExemptAddress,
    }),
    failures: createAuthFailures(deps),
  }
}
