import { createHash } from 'node:crypto'
import { exportVersion, guarded, type ExportedRequest } from './exported-request.ts'
import { canonicalOf, sealProblem } from './seal.ts'
import { sessionProblems } from './verify-session.ts'
import { signatureProblem } from './verify-signature.ts'

/** What looking at an export says. */
export interface Verdict {
  readonly problems: readonly string[]
  /** Votes that a key has signed, and votes by a code in a session, which nobody outside can check. */
  readonly signed: number
  readonly unsigned: number
  /** The key that the file says sealed it; null: it says none. */
  readonly sealedBy: string | null
}

const noExport = (problem: string): Verdict => ({ problems: [problem], signed: 0, unsigned: 0, sealedBy: null })

/**
 * Checks an export by itself: its seal, hashes, signatures, who voted on what and when, and who stood behind the
 * session by the rule. `key`: the public key of the audit log that has to have sealed it; null: the one that it names.
 */
export function verifyExport(text: string, { key = null }: { readonly key?: string | null } = {}): Verdict {
  const exported = parse(text)
  if (typeof exported === 'string') return noExport(exported)
  return guarded(() => verdictOn(exported, key)) ?? noExport('a part of it is missing, or is something else')
}

function verdictOn(exported: ExportedRequest, key: string | null): Verdict {
  const problems = [
    sealProblem(exported, key) ?? [],
    versionProblems(exported),
    exported.votes.flatMap((vote) => voteProblems(exported, vote)),
    sessionProblems(exported),
  ].flat()
  const signed = exported.votes.filter(({ method }) => method === 'webauthn').length
  return { problems, signed, unsigned: exported.votes.length - signed, sealedBy: String(exported.seal.key) }
}

function parse(text: string): ExportedRequest | string {
  try {
    const json = JSON.parse(text) as Partial<ExportedRequest> | null
    if (json?.type !== 'gatehouse.break-glass.export') return 'this is no export of a request'
    if (json.v !== exportVersion) return 'this is an export of another form; export the request again'
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
