import { setTimeout as sleep } from 'node:timers/promises'
import { OutboundError, type Outbound } from '@gatehouse/kit/outbound'
import { HostAccessError, proveHostKey, scanHostKeys } from './host-access/index.ts'
import { formatPublicKey, type PublicKey } from './wire/index.ts'

/** What a contact needs. */
export interface ContactDeps {
  readonly outbound: Outbound
  readonly settings: { readonly contactSeconds: number }
}

/** A place as it was registered. */
export interface HostPlace {
  readonly address: string
  readonly port: number
}

/** What a host showed, and what it proved to hold. */
export interface Contact {
  /** Every key that it shows, Ed25519 first; none of them proved but the pinned one. */
  readonly shown: readonly PublicKey[]
  readonly proved: boolean
}

/** Where to connect to: resolved once, and to be used as it is. Throws `HostAccessError`. */
export async function located(outbound: Outbound, { address, port }: HostPlace): Promise<string> {
  try {
    return await outbound.locate({ host: address, port })
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause
    throw cause.reason === 'refused'
      ? new HostAccessError('invalid-target', cause.message, { cause })
      : new HostAccessError('unreachable', 'the host cannot be reached', { cause })
  }
}

/**
 * Looks at which keys a place shows and has it prove the given one, or the best of those shown. Throws
 * `HostAccessError`; `unreachable` always after the same time.
 */
export const contactHost = (deps: ContactDeps, place: HostPlace, pinned: PublicKey | null): Promise<Contact> =>
  steadily(deps.settings.contactSeconds, async (secondsLeft) => {
    const address = await located(deps.outbound, place)
    const shown = await scanHostKeys({ address, port: place.port }, secondsLeft())
    const key = pinned ?? shown[0]
    if (key === undefined || !shown.some((one) => sameKey(one, key))) return { shown, proved: false }
    // the name of nobody: the host's key comes before any name is looked at
    const target = { address, port: place.port, user: 'gatehouse', hostKeyLine: formatPublicKey(key) }
    await proveHostKey(target, secondsLeft())
    return { shown, proved: true }
  })

/** Whether two keys are one, whatever their comments. */
export const sameKey = (left: PublicKey, right: PublicKey): boolean =>
  formatPublicKey({ ...left, comment: '' }) === formatPublicKey({ ...right, comment: '' })

/** Less than this is no time to try anything in. */
const SECONDS_LEFT_MIN = 0.5

/**
 * Runs a contact so that failing to reach a host takes the same time for every cause, and never longer: who may
 * register hosts must not learn from a clock what listens where (threat E12).
 */
export async function steadily<T>(seconds: number, work: (secondsLeft: () => number) => Promise<T>): Promise<T> {
  const begun = performance.now()
  const millisecondsLeft = (): number => Math.max(0, seconds * 1000 - (performance.now() - begun))
  try {
    return await work(() => Math.max(SECONDS_LEFT_MIN, millisecondsLeft() / 1000))
  } catch (error) {
    if (error instanceof HostAccessError && error.problem === 'unreachable') await sleep(millisecondsLeft())
    throw error
  }
}
