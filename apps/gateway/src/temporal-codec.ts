import { Refusal } from '@gatehouse/contract'
import type { Context } from 'hono'
import { z } from 'zod'
import type { SessionCookies } from './transports/cookies.ts'
import { told, type RequestContext, type Runner } from './transports/run.ts'

/** Temporal Web is told of `…/temporal/codec`, and adds the rest. */
export const codecPath = '/temporal/codec/decode'

/** Browsers ask again after this, whether Temporal Web may still ask. */
const preflightSeconds = 600

/** Payloads as Temporal's own JSON has them (proto3 JSON of `temporal.api.common.v1.Payloads`). */
const CodecPayload = z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() })
const CodecPayloads = z.object({ payloads: z.array(CodecPayload).max(1000) })
type CodecPayload = z.output<typeof CodecPayload>

const Decoded = z.object({ payloads: z.array(z.object({ encoding: z.string(), data: z.string() })) })

const sealedEncoding = Buffer.from('binary/encrypted').toString('base64')
const isSealed = ({ metadata, data }: CodecPayload): boolean =>
  metadata?.['encoding'] === sealedEncoding && data !== undefined

export interface TemporalCodecDeps {
  readonly runner: Pick<Runner, 'call' | 'refused'>
  readonly cookies: Pick<SessionCookies, 'readAccess'>
  readonly temporalWebUrl: string | null
}

/**
 * Decodes payloads for Temporal Web, by `workflow.decode` and as whoever is logged in to the control center in the same
 * browser: so Cedar decides and the audit log has it. Its page cannot send our session header; what stands for that is
 * the `Origin`, which no page can forge: another page's request is refused, and the answer is no other page's to read.
 */
export function temporalCodecFor({ runner, cookies, temporalWebUrl }: TemporalCodecDeps) {
  if (temporalWebUrl === null) return null
  const { origin } = new URL(temporalWebUrl)

  const decoded = async (context: RequestContext, payloads: readonly CodecPayload[]): Promise<object> => {
    const sealed = payloads.filter(isSealed).map(({ data }) => data)
    // asked where nothing is sealed, too: a stranger is told nothing, not even what they brought
    const opened = Decoded.parse(await runner.call(context, 'workflow.decode', { payloads: sealed })).payloads
    const next = opened.values()
    // what was never sealed (a memo of Temporal's own) is shown as it is
    return { payloads: payloads.map((payload) => (isSealed(payload) ? asCodecPayload(next.next().value) : payload)) }
  }

  /** What is asked, once it may be looked at; what is refused here never comes to the operation. */
  const admitted = async (c: Context, context: RequestContext): Promise<readonly CodecPayload[]> => {
    try {
      return await payloadsIn(c, origin)
    } catch (error) {
      if (error instanceof Refusal) await runner.refused(context, error)
      throw error
    }
  }

  return async (c: Context, plain: RequestContext): Promise<Response> => {
    const isOurs = c.req.header('origin') === origin
    const headers = headersFor(isOurs ? origin : null)
    if (c.req.method === 'OPTIONS') return new Response(null, { status: isOurs ? 204 : 403, headers })
    // who asks by a token needs no browser; a browser has to be at Temporal Web
    const credential = plain.caller.credential ?? (isOurs ? cookies.readAccess(c) : null)
    const context = { ...plain, caller: { ...plain.caller, credential } }
    try {
      return Response.json(await decoded(context, await admitted(c, context)), { headers })
    } catch (error) {
      const { status, message, body } = told(error)
      return Response.json({ error: { ...body, message } }, { status, headers })
    }
  }
}

const asCodecPayload = (opened: { encoding: string; data: string } | undefined): CodecPayload =>
  opened === undefined ? {} : { metadata: { encoding: opened.encoding }, data: opened.data }

/** The payloads of a request. Throws for another page's request, and for what is none. */
async function payloadsIn(c: Context, origin: string): Promise<readonly CodecPayload[]> {
  const from = c.req.header('origin')
  if (from !== undefined && from !== origin) throw new Refusal('forbidden', { reason: 'no-permit', policies: [] })
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw invalid('content-type', 'application/json')
  const asked = CodecPayloads.safeParse(await c.req.json().catch(() => null))
  if (!asked.success) throw invalid('payloads', 'payloads as Temporal has them')
  return asked.data.payloads
}

const invalid = (path: string, message: string): Refusal =>
  new Refusal('invalid-input', { fields: [{ path, message }] })

/** Only Temporal Web's page may read the answer (Fetch §3.2); to all others it is as any other answer of ours. */
const headersFor = (origin: string | null): Record<string, string> => ({
  'cache-control': 'no-store',
  vary: 'origin',
  ...(origin === null
    ? {}
    : {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, authorization, x-namespace',
        'access-control-max-age': String(preflightSeconds),
      }),
})
