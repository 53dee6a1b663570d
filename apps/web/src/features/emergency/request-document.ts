/** What a request says, as the document has it that a vote signs. */
export interface RequestDocument {
  readonly version: number
  readonly requester: { readonly name: string }
  readonly incident: string
  readonly severity: string
  readonly justification: string
  readonly workspace: { readonly id: string; readonly name: string; readonly environment: string }
  readonly actions: readonly string[]
  readonly durationSeconds: number
  readonly drill: boolean
  readonly at: string
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'

const texts = (of: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.every((name) => isText(of[name]))

function isDocument(value: unknown): value is RequestDocument {
  if (!isRecord(value)) return false
  const { requester, workspace, actions, version, durationSeconds, drill } = value
  return (
    texts(value, ['incident', 'severity', 'justification', 'at']) &&
    isRecord(requester) &&
    texts(requester, ['name']) &&
    isRecord(workspace) &&
    texts(workspace, ['id', 'name', 'environment']) &&
    Array.isArray(actions) &&
    actions.every(isText) &&
    typeof version === 'number' &&
    typeof durationSeconds === 'number' &&
    typeof drill === 'boolean'
  )
}

async function hexHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * The document of a request, hashed here and not believed: what a person reads is what the hash that they approve is
 * of. Null: it is not what the server says it is, and nobody should approve it.
 */
export async function readSigned(request: {
  readonly document: string
  readonly hash: string
}): Promise<RequestDocument | null> {
  const document = parsed(request.document)
  return isDocument(document) && (await hexHash(request.document)) === request.hash ? document : null
}

/** A hash as people compare it: in groups of eight. */
export const groupedHash = (hash: string): string => hash.match(/.{1,8}/g)?.join(' ') ?? hash
