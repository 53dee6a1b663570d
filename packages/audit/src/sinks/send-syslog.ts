import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { DeliveryError, OutboundError, type Outbound } from '@gatehouse/kit/outbound'

/** One delivery of syslog messages. */
export interface SyslogDelivery {
  readonly outbound: Outbound
  readonly host: string
  readonly port: number
  readonly authority: string | null
  readonly messages: readonly string[]
  /** INVARIANT: shorter than a claim on a sink, so that no two processes deliver to one knowingly. */
  readonly secondsMax: number
}

/** A receiver that takes nothing says so at once: it wants a certificate of ours, or has no place for a connection. */
const refusesWithinMilliseconds = 50

/**
 * Delivers over TLS as RFC 5425 has it: each message behind its length in octets. Syslog has no answer; delivered is
 * what the receiver has closed the connection behind, as it does once it has read all that we sent. One that closes
 * first is not prepared to take any more (§4.4), and may have read nothing: so we close only when one that refuses
 * would have. All of it, the look-up of the name too, is done in time, or given up. Throws `DeliveryError`.
 */
export async function sendSyslog(delivery: SyslogDelivery): Promise<void> {
  const { secondsMax } = delivery
  const end = new AbortController()
  const late = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () =>
      reject(new DeliveryError('later', `it was not done within ${secondsMax} s`)),
    )
  })
  const timer = setTimeout(() => end.abort(), secondsMax * 1000)
  try {
    await Promise.race([deliver(delivery, end.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

async function deliver(delivery: SyslogDelivery, signal: AbortSignal): Promise<void> {
  const { outbound, host, port } = delivery
  const address = await outbound.locate({ host, port, reach: 'public' }).catch((error: unknown) => {
    if (error instanceof OutboundError) throw new DeliveryError('later', error.message, { cause: error })
    throw error
  })
  if (signal.aborted) return // given up, and told: nothing is sent any more
  await new Promise<void>((resolve, reject) => {
    const socket = open(delivery, address)
    const fail = (message: string, cause?: unknown): void => {
      socket.destroy()
      reject(new DeliveryError('later', message, { cause }))
    }
    signal.addEventListener('abort', () => socket.destroy())
    let [closing, ended] = [false, false]
    const close = (): void => {
      closing = true
      socket.end()
    }
    const begun = performance.now()
    socket.once('secureConnect', () => {
      // connecting took at least as long as what the receiver says now takes to us
      const pause = Math.max(refusesWithinMilliseconds, performance.now() - begun)
      socket.write(delivery.messages.map(framed).join(''), () => setTimeout(close, pause))
    })
    socket.on('end', () => (ended = closing))
    socket.on('data', () => undefined) // a receiver has nothing to say, and what it says must not fill a buffer
    socket.once('error', (error) => fail(`the connection broke: ${codeOf(error)}`, error))
    socket.once('close', () => {
      if (ended) resolve()
      else fail('the connection broke before all was read')
    })
  })
}

const open = ({ host, port, authority }: SyslogDelivery, address: string): TLSSocket =>
  connect({
    host: address,
    port,
    // the certificate is for the name, and the connection goes to the address that was looked at
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(authority === null ? {} : { ca: [authority] }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  })

/** RFC 5425 §4.3. */
const framed = (message: string): string => `${Buffer.byteLength(message, 'utf8')} ${message}`

/** A library's message may quote what a receiver sent; its code does not. */
const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : 'TLS')
