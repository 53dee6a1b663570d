import type { Output } from '@gatehouse/contract'
import type { Clock, HandlersOf, Overview, StatusPart } from '@gatehouse/enforcement'

export interface SystemHandlersDeps {
  readonly clock: Clock
  readonly version: string
  readonly overview: Overview
}

/** `system.version`, `system.status` and `system.dashboard`: the last two are what the domains say of themselves. */
export const systemHandlers = ({ clock, version, overview }: SystemHandlersDeps): HandlersOf<'system'> => ({
  'system.version': () => Promise.resolve({ version }),

  'system.dashboard': async () => {
    const at = clock.now()
    return { at, ...(await overview.figures(at)) }
  },

  'system.status': async () => {
    const { parts, facts } = await overview.status(clock.now())
    return { health: worst(parts), parts: [...parts], ...facts }
  },
})

const worst = (parts: readonly StatusPart[]): Output<'system.status'>['health'] =>
  (['down', 'degraded'] as const).find((worse) => parts.some(({ health }) => health === worse)) ?? 'ok'
