/** Parameters of a token request fit this many times over. */
const formBytesMax = 16 * 1024

/** A refusal in the words of RFC 6749 §5.2 and its relatives. */
export class OauthError extends Error {
  override readonly name = 'OauthError'
  readonly code: string
  readonly status: number
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: string,
    description: string,
    { status = 400, retryAfterSeconds }: { status?: number; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(description)
    this.code = code
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * The parameters of a form-encoded body, each of which stands once (RFC 6749 §3.2); one without a value is left out.
 * Throws `OauthError`.
 */
export async function readForm(request: Request): Promise<ReadonlyMap<string, string>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    throw new OauthError('invalid_request', 'the body is application/x-www-form-urlencoded')
  const text = await request.text()
  if (text.length > formBytesMax)
    throw new OauthError('invalid_request', `a body of at most ${formBytesMax} characters`, { status: 413 })
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) throw new OauthError('invalid_request', 'a parameter stands twice')
    form.set(name, value)
  }
  return new Map([...form].filter(([, value]) => value !== ''))
}

/** One parameter that must be there. */
export function required(form: ReadonlyMap<string, string>, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw new OauthError('invalid_request', `${name} is missing`)
  return value
}
