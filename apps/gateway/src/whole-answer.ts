import { requestIdHeader } from '@gatehouse/kit/tracing'
import { headersOfAll } from './headers-of-all.ts'

const whole = new WeakSet<Response>()

/** What an answer says beside what all of them say. */
export interface WholeAnswer {
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * An answer of one person's, for one moment, that is made with every header it leaves with. Where they are set on an
 * answer one by one, it turns them into a list that is validated, sorted and read again for each of them: of a small
 * answer that is more work than all else HTTP does. Cookies, and what is said by host, may still be added.
 */
export function wholeAnswer(body: string, { requestId, headers }: WholeAnswer): Response {
  const answer = new Response(body, {
    headers: { ...headersOfAll, ...headers, 'cache-control': 'no-store', [requestIdHeader]: requestId },
  })
  whole.add(answer)
  return answer
}

/** Whether an answer has what all answers have. Asking leaves its headers as they are. */
export const isWhole = (answer: Response): boolean => whole.has(answer)
