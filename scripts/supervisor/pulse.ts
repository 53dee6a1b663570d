import { setTimeout as sleep } from 'node:timers/promises'
import { askHttp } from './ask-http.ts'

/** A process that has not answered for so long does nothing else either: its event loop stands still. */
const silenceMs = 15_000
const everyMs = 1000
/** One look may take this long: on a busy machine a late answer is an answer. */
const lookMs = 5000

/** Resolves, in words, once the address has not answered for 15 s; never, when `ended` comes before. */
export const untilSilent = async (url: string, ended: AbortSignal): Promise<string> => {
  let heardAt = performance.now()
  while (performance.now() - heardAt < silenceMs) {
    await sleep(everyMs, undefined, { signal: ended })
    if (await answers(url)) heardAt = performance.now()
  }
  return `${new URL(url).pathname} did not answer for ${silenceMs / 1000} s`
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await askHttp(url, { timeoutMs: lookMs })) === 200
  } catch {
    return false
  }
}
