import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import type { TemporalClient } from '../process-options.ts'
import type { Clock, HandlersOf, Overview, StatusPart } from '@gatehouse/enforcement'

export interface SystemHandlersDeps {
  readonly clock: Clock
  readonly version: string
  readonly overview: Overview
  /** Null: there is no Temporal. */
  readonly openPayloads: TemporalClient['open'] | null
}

/** What the processes say of themselves and their workflows; status and dashboard are what the domains say. */
export const systemHandlers = ({
  clock,
  version,
  overview,
  openPayloads,
}: SystemHandlersDeps): HandlersOf<'system' | 'workflow'> => ({
  'system.version': () => Promise.resolve({ version }),

  'workflow.decode': ({ input: { payloads } }) => {
    if (openPayloads === null) throw new Refusal('unavailable', {}, { message: 'no Temporal server is configured' })
    const opened = openPayloads(payloads.map((payload) => Buffer.from(payload, 'base64')))
    return Promise.resolve({
      payloads: opened.map((payload, at) => {
        if (payload === null) throw invalidField(`payloads.${at}`, 'a payload that this Gatehouse has sealed')
        return { encoding: base64(payload.encoding), data: base64(payload.data) }
      }),
    })
  },

  'system.dashboard': async () => {
    const at = clock.now()
    return { at, ...(await overview.figures(at)) }
  },

  'system.status': async () => {
    const { parts, facts } = await overview.status(clock.now())
    return { health: worst(parts), parts: [...parts], ...facts }
  },
})

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const worst = (parts: readonly StatusPart[]): Output<'system.status'>['health'] =>
  (['down', 'degraded'] as const).find((worse) => parts.some(({ health }) => health === worse)) ?? 'ok'
