import { createRequire } from 'node:module'
import * as loaded from '@cedar-policy/cedar-wasm/nodejs'

type Cedar = Pick<
  typeof loaded,
  | 'isAuthorized'
  | 'policySetTextToParts'
  | 'policyToJson'
  | 'policyToText'
  | 'preparsePolicySet'
  | 'preparseSchema'
  | 'schemaToJsonWithResolvedTypes'
  | 'statefulIsAuthorized'
  | 'validate'
>

let current: Cedar = loaded
let renewedAt = -Infinity

/** A request that breaks each new engine may cost others this share of the time: one is made in some 200 ms. */
export const quietMilliseconds = 1_000

/**
 * Asks this thread's Cedar engine. Whatever Cedar has to say it answers as a value; what it throws means that the
 * WebAssembly instance broke off in the middle of its work, and from then on it may answer nobody. So the call fails,
 * which denies, and the next one is asked of a new instance. Until one may be made again, all calls fail.
 */
export function askCedar<T>(ask: (cedar: Cedar) => T): T {
  const asked = current
  try {
    return ask(asked)
  } catch (error) {
    if (current === asked && performance.now() - renewedAt >= quietMilliseconds) renew()
    throw error
  }
}

/** Another value after each renewal: nothing that was laid into the engine before is in the new one. */
export const engineInUse = (): object => current

/** The module holds its one instance in a variable of its own: a second reading of it has another. */
function renew(): void {
  renewedAt = performance.now()
  const require = createRequire(import.meta.url)
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs')
  Reflect.deleteProperty(require.cache, path)
  current = require(path) as Cedar // the same module
}
