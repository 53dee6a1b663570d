import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { metricsType } from '@gatehouse/compose'
import { ConfigError, type Config } from '@gatehouse/config'
import { addressMatcher } from './address.ts'
import type { RequestContext } from './transports/run.ts'

/** As long as a random token in hex; what is shorter could be guessed. */
const tokenCharactersMin = 32

const loopback = addressMatcher(['127.0.0.0/8', '::1'])

/**
 * Answers `/metrics` to who shows the token of `GATEHOUSE_METRICS_TOKEN_FILE`; in the development stack to this
 * machine as well. To all others it is not there. Throws `ConfigError` for a file without a token.
 */
export async function metricsFor(
  { runtime: { dev, metrics } }: Config,
  text: () => Promise<string>,
): Promise<(context: RequestContext) => Promise<Response> | null> {
  const token = metrics.tokenFile === null ? null : await tokenIn(metrics.tokenFile)
  return ({ caller: { credential, address, forwards } }) => {
    const known = token !== null && credential !== null && timingSafeEqual(digestOf(credential), token)
    const local = dev && forwards !== true && loopback(address)
    return known || local ? answered(text) : null
  }
}

async function tokenIn(path: string): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`GATEHOUSE_METRICS_TOKEN_FILE: there is no file to read at \`${path}\``, { cause })
  })
  const token = text.trim()
  if (token.length < tokenCharactersMin) {
    const rule = `a file with a token of at least ${tokenCharactersMin} characters`
    throw new ConfigError(`GATEHOUSE_METRICS_TOKEN_FILE: ${rule}, such as \`openssl rand -hex 32\` prints`)
  }
  return digestOf(token)
}

/** Of one length, so that two can be compared in constant time. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

async function answered(text: () => Promise<string>): Promise<Response> {
  return new Response(await text(), { headers: { 'content-type': metricsType, 'cache-control': 'no-store' } })
}
