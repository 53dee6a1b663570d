import { problemOfRule, waysOf, type ApprovalRule } from './approval-rule.ts'
import { guarded, type ExportedRequest } from './exported-request.ts'

/** What was written down when a session began: the rule that was in force, and who stood behind it. */
interface StoredQuorum {
  readonly rule: ApprovalRule
  readonly totpAdmitted: boolean
  readonly standing: readonly { readonly id: string; readonly team: string }[]
}

/** What a request says of its session, in its last version. */
interface Asked {
  readonly requester: { readonly id: string }
  readonly durationSeconds: number
  readonly drill: boolean
}

/** Two teams that say no end a request. */
const denyingTeamsMax = 2
const sessionMsMax = 4 * 3_600_000

/** What is wrong with the session of an export. */
export function sessionProblems(exported: ExportedRequest): string[] {
  const { session, versions } = exported
  if (session === null) return []
  const quorum = guarded(() => JSON.parse(session.quorum) as StoredQuorum)
  const asked = guarded(() => JSON.parse(versions.at(-1)?.document ?? '') as Asked)
  if (quorum === undefined || asked === undefined) return ['the session: who stood behind it cannot be read']
  const problems = [
    peopleProblems(exported, quorum, asked),
    ruleProblems(exported, quorum),
    timeProblems(exported, asked),
  ].flat()
  return problems.map((problem) => `the session: ${problem}`)
}

const yesOf = ({ votes, versions }: ExportedRequest): ExportedRequest['votes'] =>
  votes.filter(({ says, hash }) => says === 'approve' && hash === versions.at(-1)?.hash)

function peopleProblems(exported: ExportedRequest, { standing }: StoredQuorum, asked: Asked): string[] {
  const approved = new Set(yesOf(exported).map(({ voter }) => voter))
  const problems = [
    [new Set(standing.map(({ id }) => id)).size < 2, 'fewer than two people stand behind it'],
    [new Set(standing.map(({ team }) => team)).size < standing.length, 'two of one team stand behind it'],
    [standing.some(({ id }) => !approved.has(id)), 'somebody stands behind it who did not approve it'],
    [standing.some(({ id }) => id === asked.requester.id), 'who asked stands behind it'],
    [asked.drill, 'it is of a drill, which has none'],
  ] as const
  return problems.flatMap(([isSo, problem]) => (isSo ? [problem] : []))
}

function ruleProblems(exported: ExportedRequest, { rule, totpAdmitted, standing }: StoredQuorum): string[] {
  const { votes, versions } = exported
  const denied = new Set(
    votes.filter(({ says, hash }) => says === 'deny' && hash === versions.at(-1)?.hash).map(({ team }) => team),
  )
  const stands = new Set(standing.map(({ id }) => id))
  const isMet = problemOfRule(rule) === null && waysOf(rule).some((way) => way.length === standing.length)
  const byCode = yesOf(exported).filter(({ voter, method }) => stands.has(voter) && method !== 'webauthn')
  const problems = [
    [!isMet, 'as many as stand behind it do not meet the rule'],
    [!totpAdmitted && byCode.length > 0, 'the rule asks for keys, and somebody approved it by a code'],
    [standing.some(({ team }) => denied.has(team)), 'a team stands behind it that denied it'],
    [denied.size >= denyingTeamsMax, 'two teams denied it'],
  ] as const
  return problems.flatMap(([isSo, problem]) => (isSo ? [problem] : []))
}

/** How long it was given. In what order things came is not asked: a clock may have been set back between them. */
function timeProblems({ session }: ExportedRequest, { durationSeconds }: Asked): string[] {
  if (session === null) return []
  const lasts = Date.parse(session.expiresAt) - Date.parse(session.activatedAt)
  if (!(lasts > 0 && lasts <= sessionMsMax)) return ['it lasts longer than four hours']
  return lasts > durationSeconds * 1000 ? ['it lasts longer than was asked for'] : []
}
