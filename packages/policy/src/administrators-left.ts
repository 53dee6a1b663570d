import type { Store } from '@gatehouse/database'
import type { Clock, Directory } from '@gatehouse/enforcement'
import { createPace } from './access/pace.ts'
import { hasAdministrator } from './administrators.ts'
import type { PolicyEngine } from './policy-engine.ts'

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** Says whether there is anybody, for a caller from some address, who may publish by the policies in force. */
export const administratorsLeft =
  ({
    engine,
    clock,
    directory,
  }: {
    readonly engine: Pick<PolicyEngine, 'inForce'>
    readonly clock: Clock
    readonly directory: Pick<Directory<Store>, 'activePeople'>
  }) =>
  async (db: Store, address: string): Promise<boolean> =>
    hasAdministrator(engine.inForce(), {
      people: await directory.activePeople(db),
      address,
      now: clock.now(),
      step: createPace(decisionsPerTurn).step,
    })
