import type { Schedule } from '@gatehouse/enforcement'
import { identitySchedules } from '@gatehouse/identity'
import { sshSchedules } from '@gatehouse/ssh'

/** Everything that runs by the clock: the one table of Temporal's schedules and of the worker's own look. */
export const schedules: readonly Schedule[] = [...identitySchedules, ...sshSchedules]
