import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

/**
 * Asks one of our own children whether it lives; answers the status. Nothing is sent that matters and the answer is not
 * believed beyond that, so a certificate that nobody but this machine has signed does not matter.
 */
export const askHttp = (url: string, { timeoutMs }: { readonly timeoutMs: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { signal: AbortSignal.timeout(timeoutMs), agent: false }
    const asked = url.startsWith('https:')
      ? tlsRequest(url, { ...options, rejectUnauthorized: false })
      : plainRequest(url, options)
    asked.once('error', reject)
    asked.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.end()
  })
