/** Longer than a healthy backend takes, and short enough that a second try fits into the deadline of a use. */
const callMs = 4000

/** A wrapped data key is some hundred bytes; whoever answers with more is no backend. */
const answerBytesMax = 1024 * 1024

/** A request, as node-vault describes it. */
interface JsonRequest {
  readonly method: string
  readonly uri: string
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
}

/** An answer, as node-vault reads it. */
interface JsonAnswer {
  readonly statusCode: number
  readonly body: unknown
  readonly request: { readonly path: string }
}

/**
 * Sends one request to a backend. node-vault's own way follows redirects to any host and hands it the token (threat
 * C17); this one goes where it was told to, within its time, or fails.
 */
export async function jsonRequest({ method, uri, headers, json }: JsonRequest): Promise<JsonAnswer> {
  const body = typeof json === 'object' && json !== null ? JSON.stringify(json) : undefined
  const response = await fetch(uri, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    redirect: 'error',
    signal: AbortSignal.timeout(callMs),
    ...(body === undefined ? {} : { body }),
  })
  const text = await limited(response)
  return { statusCode: response.status, body: parsed(text), request: { path: new URL(uri).pathname } }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > answerBytesMax) throw new TypeError('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A proxy in front of it answers in HTML. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
