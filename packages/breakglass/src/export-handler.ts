import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { selectTeamNames, selectVoters } from '@gatehouse/identity'
import type { BreakGlassDeps } from './deps.ts'
import { findRequest, selectVersions, selectVotes } from './request.queries.ts'
import { decidedId } from './request-handlers.ts'
import { selectSessionsOf } from './session.queries.ts'
import { exportVersion, type ExportedRequest, type UnsealedRequest } from './exported-request.ts'
import { sealedText } from './seal.ts'

/** A request with all that proves its votes, so that it can be checked without this Gatehouse. */
export const breakGlassExport =
  ({ db, clock, checkpointKey }: BreakGlassDeps): Handler<'breakGlass.export'> =>
  async (permit) => {
    const row = await findRequest(db, decidedId(permit))
    if (row === null) throw new Refusal('not-found')
    const votes = await selectVotes(db, [row.id])
    const [session = null] = await selectSessionsOf(db, [row.id])
    const ids = [...new Set([row.requester_id, ...votes.map((vote) => vote.voter_id)])]
    const teams = await selectTeamNames(db)
    const people = await selectVoters(db, { ids, now: clock.now() })
    const unsealed: UnsealedRequest = {
      v: exportVersion,
      type: 'gatehouse.break-glass.export',
      request: row.id,
      versions: (await selectVersions(db, row.id)).map((one) => ({
        version: one.version,
        hash: one.hash.toString('hex'),
        document: one.document,
        at: one.made_at.toISOString(),
      })),
      votes: votes.map((vote) => ({
        voter: vote.voter_id,
        says: vote.says,
        hash: vote.hash.toString('hex'),
        method: vote.method,
        team: vote.team_id,
        statement: vote.statement,
        evidence: vote.evidence,
        at: vote.at.toISOString(),
      })),
      people: people.map(({ id, username }) => ({ id, name: username })),
      teams: [...teams].map(([id, name]) => ({ id, name })),
      session:
        session === null
          ? null
          : {
              id: session.id,
              quorum: session.quorum,
              activatedAt: session.activated_at.toISOString(),
              expiresAt: session.expires_at.toISOString(),
              endedBy: session.ended_by,
              endedAt: session.ended_at?.toISOString() ?? null,
            },
    }
    const seal = { key: checkpointKey.publicKey, signature: checkpointKey.signText(sealedText(unsealed)) }
    return { document: JSON.stringify({ ...unsealed, seal } satisfies ExportedRequest) }
  }
