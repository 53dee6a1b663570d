import { localError } from './cli-error.ts'

/** Named so that a bundler does not follow it: the engine is larger than all the rest, and few need it. */
const engineModule: string = '@gatehouse/policy/offline'

/** The policy engine of this machine. */
export type Engine = typeof import('@gatehouse/policy/offline')

/** Loads the policy engine, where there is one: the packed command line has none. */
export const policyEngine = async (): Promise<Engine> => {
  try {
    return (await import(engineModule)) as Engine // by its name, which is the type's
  } catch (cause) {
    throw localError('the policy engine does not come with the packed command line', {
      hint: 'run this in a checkout of Gatehouse',
      cause,
    })
  }
}
