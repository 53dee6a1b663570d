import { createHash, createPublicKey, verify as verifySignature, type JsonWebKey } from 'node:crypto'

/** The form of an export. A file of another form is not understood, and not passed. */
export const exportVersion = 1

/** A request with all that proves its votes. */
export interface ExportedRequest {
  readonly v: typeof exportVersion
  readonly type: 'gatehouse.break-glass.export'
  readonly request: string
  readonly versions: readonly {
    readonly version: number
    readonly hash: string
    readonly document: string
    readonly at: string
  }[]
  readonly votes: readonly {
    readonly voter: string
    readonly says: 'approve' | 'deny'
    readonly hash: string
    readonly method: 'webauthn' | 'totp'
    readonly team: string | null
    readonly statement: string
    readonly evidence: string | null
    readonly at: string
  }[]
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly teams: readonly { readonly id: string; readonly name: string }[]
  readonly session: {
    readonly id: string
    readonly quorum: string
    readonly activatedAt: string
    readonly expiresAt: string
    readonly endedBy: string | null
    readonly endedAt: string | null
  } | null
}

/** What looking at an export says. */
export interface Verdict {
  readonly problems: readonly string[]
  /** Votes that a key has signed, and votes by a code in a session, which nobody outside can check. */
  readonly signed: number
  readonly unsigned: number
}

/** Checks an export by itself: hashes, signatures, who voted on what, and who stood behind the session. */
export function verifyExport(text: string): Verdict {
  const exported = parse(text)
  if (typeof exported === 'string') return { problems: [exported], signed: 0, unsigned: 0 }
  const problems = [...versionProblems(exported), ...exported.votes.flatMap((vote) => voteProblems(exported, vote))]
  const signed = exported.votes.filter(({ method }) => method === 'webauthn').length
  return { problems: [...problems, ...sessionProblems(exported)], signed, unsigned: exported.votes.length - signed }
}

function parse(text: string): ExportedRequest | string {
  try {
    const json = JSON.parse(text) as Partial<ExportedRequest> | null
    if (json?.v !== exportVersion || json.type !== 'gatehouse.break-glass.export')
      return 'this is no export of a request'
    return json as ExportedRequest // what is missing of it is found by whoever looks for it
  } catch {
    return 'this is no JSON'
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

function versionProblems({ request, versions }: ExportedRequest): string[] {
  return versions.flatMap(({ version, hash, document }, index) => {
    const facts = guarded(() => JSON.parse(document) as { id?: unknown; version?: unknown })
    return [
      ...(sha256(document).toString('hex') === hash ? [] : [`version ${version}: its document is not the hashed one`]),
      ...(facts?.id === request ? [] : [`version ${version}: its document is of another request`]),
      ...(facts?.version === version && version === index + 1
        ? []
        : [`version ${version}: it stands in a wrong place`]),
    ]
  })
}

type ExportedVote = ExportedRequest['votes'][number]

/** What a vote says, as it was signed. */
interface Said {
  readonly says?: unknown
  readonly voter?: { readonly id?: unknown }
  readonly request?: unknown
  readonly team?: unknown
}

function voteProblems(exported: ExportedRequest, vote: ExportedVote): string[] {
  const name = exported.people.find(({ id }) => id === vote.voter)?.name ?? vote.voter
  const said = guarded(() => JSON.parse(vote.statement) as Said)
  const version = exported.versions.find(({ hash }) => hash === vote.hash)
  const found = [
    said?.says === vote.says ? null : 'it says something else than is told',
    said?.voter?.id === vote.voter ? null : 'it is of somebody else',
    (said?.team ?? null) === vote.team ? null : 'it names another team',
    version === undefined ? 'it is on no version of this request' : null,
    version !== undefined && canonicalOf(said?.request) !== version.document ? 'it is on another document' : null,
    vote.method === 'webauthn' ? signatureProblem(vote) : null,
  ]
  return found.flatMap((problem) => (problem === null ? [] : [`the vote of ${name}: ${problem}`]))
}

/** Keys in the order of canonical JSON; our documents hold no numbers but whole ones. */
function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalOf(part)}`).join(',')}}`
}

interface Evidence {
  readonly assertion: {
    readonly id: string
    readonly response: {
      readonly clientDataJSON: string
      readonly authenticatorData: string
      readonly signature: string
    }
  }
  readonly key: { readonly credentialId: string; readonly jwk: JsonWebKey }
  readonly rpId: string
  readonly origins: readonly string[]
}

const userPresent = 0x01

/** WebAuthn Level 3 §7.2, as far as it can be checked without the server. Null: the key has signed this statement. */
function signatureProblem({ statement, evidence }: ExportedVote): string | null {
  const proof = evidence === null ? undefined : guarded(() => JSON.parse(evidence) as Evidence | null)
  if (proof === undefined || proof === null) return 'its signature is not there'
  const problem = guarded(() => problemOf(proof, statement))
  return problem === undefined ? 'its key or its signature cannot be read' : problem // what can't be checked is wrong
}

function problemOf({ assertion, key, rpId, origins }: Evidence, statement: string): string | null {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  const clientBytes = bytes(assertion.response.clientDataJSON)
  const client = JSON.parse(clientBytes.toString('utf8')) as { type?: unknown; challenge?: unknown; origin?: unknown }
  const authData = bytes(assertion.response.authenticatorData)
  if (client.type !== 'webauthn.get') return 'its key was asked for something else'
  if (client.challenge !== sha256(statement).toString('base64url')) return 'its key has signed something else'
  if (!origins.includes(String(client.origin))) return 'its key was asked by another page'
  if (!authData.subarray(0, 32).equals(sha256(rpId))) return 'its key was asked by another site'
  if (((authData[32] ?? 0) & userPresent) === 0) return 'nobody touched its key'
  if (assertion.id !== key.credentialId) return 'another key has signed it'
  const signed = Buffer.concat([authData, createHash('sha256').update(clientBytes).digest()])
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' })
  const algorithm = key.jwk.kty === 'OKP' ? null : 'sha256'
  return verifySignature(algorithm, signed, publicKey, bytes(assertion.response.signature))
    ? null
    : 'its signature is wrong'
}

function sessionProblems({ session, votes, versions }: ExportedRequest): string[] {
  if (session === null) return []
  const quorum = guarded(() => JSON.parse(session.quorum) as { standing?: readonly { id: string; team: string }[] })
  const standing = quorum?.standing ?? []
  const last = versions.at(-1)
  const approved = new Set(
    votes.filter(({ says, hash }) => says === 'approve' && hash === last?.hash).map((v) => v.voter),
  )
  const requester = guarded(() => JSON.parse(last?.document ?? '') as { requester?: { id?: unknown } })?.requester?.id
  const within = Date.parse(session.expiresAt) - Date.parse(session.activatedAt)
  return [
    new Set(standing.map(({ id }) => id)).size >= 2 ? null : 'the session: fewer than two people stand behind it',
    new Set(standing.map(({ team }) => team)).size === standing.length
      ? null
      : 'the session: two of one team stand behind it',
    standing.every(({ id }) => approved.has(id))
      ? null
      : 'the session: somebody stands behind it who did not approve it',
    standing.some(({ id }) => id === requester) ? 'the session: who asked stands behind it' : null,
    within > 0 && within <= 4 * 3_600_000 ? null : 'the session: it lasts longer than four hours',
  ].flatMap((problem) => (problem === null ? [] : [problem]))
}

/** What can't be read is wrong: undefined is unlike anything that is expected. */
function guarded<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
