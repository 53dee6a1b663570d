import { invalidField, Refusal } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import type { PublicDocuments, RevocationDocument } from '@gatehouse/ssh'
import type { Context } from 'hono'
import { refusedOn } from './door.ts'
import { answerDocument } from './public-document.ts'
import type { GatewayEnv } from './request-context.ts'
import { createWaitingPlaces } from './waiting-places.ts'

/** Below what proxies cut off as idle. */
const waitSecondsMax = 50

/** A host that waits costs a connection and a few kilobytes. Whoever finds no place is answered at once. */
const waitingMax = { all: 10_000, address: 1000 } as const

export interface RevocationListDeps {
  readonly documents: Pick<PublicDocuments, 'revocationList' | 'newerList'>
  readonly clock: Clock
}

/** Answers `GET /ssh/krl` to whoever comes from that address. */
export type AnswerRevocationList = (c: Context<GatewayEnv>, address: string) => Promise<Response>

/**
 * The revocation list for hosts. With `after` only one that is newer than that version, and with `wait` once there is
 * one, or after so many seconds without. Each answer has the time: a host names it when it reports.
 */
export function revocationListEndpoint({ documents, clock }: RevocationListDeps): AnswerRevocationList {
  const places = createWaitingPlaces(waitingMax)

  /** The time comes before the look at the list: whatever was revoked until then is in it. */
  const newest = async (): Promise<Told> => ({ at: clock.now(), list: await documents.revocationList() })

  const afterWait = async (asked: Asked, { address, signal }: Asker): Promise<Told> => {
    const first = await newest()
    if (first.list.version > asked.after || asked.waitSeconds === 0) return first
    const giveBack = places.take(address)
    if (giveBack === null) return first
    await documents.newerList(asked.after, { seconds: asked.waitSeconds, signal }).finally(giveBack)
    return newest()
  }

  return async (c, address) => {
    const asked = askedOf(c)
    if (asked instanceof Refusal) return refusedOn('http', asked)
    if (asked === null) return answered(c, await newest())
    const told = await afterWait(asked, { address, signal: c.req.raw.signal })
    if (told.list.version > asked.after) return answered(c, told)
    return new Response(null, { status: 204, headers: { ...headersOf(told), 'cache-control': 'no-store' } })
  }
}

interface Asked {
  readonly after: number
  readonly waitSeconds: number
}

interface Asker {
  readonly address: string
  readonly signal: AbortSignal
}

interface Told {
  readonly at: Date
  readonly list: RevocationDocument
}

/** What a host asks for; null: whatever there is. */
function askedOf(c: Context): Asked | Refusal | null {
  const { after, wait = '0' } = c.req.query()
  if (after === undefined) return null
  if (!isCount(after)) return invalidField('after', 'the version of a revocation list: a whole number')
  if (!isCount(wait) || Number(wait) > waitSecondsMax)
    return invalidField('wait', `whole seconds from 0 to ${waitSecondsMax}`)
  return { after: Number(after), waitSeconds: Number(wait) }
}

const isCount = (text: string): boolean => /^\d{1,15}$/.test(text)

const headersOf = ({ at, list }: Told) => ({
  'gatehouse-time': at.toISOString(),
  'gatehouse-cas': String(list.casVersion),
  'gatehouse-signature': Buffer.from(list.signature).toString('base64'),
})

const answered = (c: Context, told: Told): Response =>
  answerDocument(c, { ...told.list, type: 'application/octet-stream', maxAgeSeconds: 0, headers: headersOf(told) })
