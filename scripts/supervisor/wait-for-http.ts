import { askHttp } from './ask-http.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 50
const REQUEST_TIMEOUT_MS = 5_000

/**
 * Waits until a URL answers 200; rejects when it does not in time. Give it the signal that ends when its server has.
 */
export const waitForHttp = async (
  url: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> => {
  const deadline = performance.now() + options.timeoutMs
  let last = 'no answer'
  while (performance.now() < deadline) {
    options.signal.throwIfAborted()
    last = await status(url)
    if (last === '200') return
    await sleep(POLL_MS)
  }
  throw new Error(`${url} did not answer 200 within ${options.timeoutMs / 1000} s (last: ${last})`)
}

const status = async (url: string): Promise<string> => {
  try {
    return String(await askHttp(url, { timeoutMs: REQUEST_TIMEOUT_MS }))
  } catch {
    return 'no answer'
  }
}
