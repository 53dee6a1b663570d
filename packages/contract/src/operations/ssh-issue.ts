import { WorkspaceReference } from '../names.ts'
import { Purpose, TtlSeconds } from '../scalars.ts'

/** What is asked for with each credential of SSH that somebody is given. */
export const issue = {
  workspace: WorkspaceReference.default('default'),
  purpose: Purpose,
  ttlSeconds: TtlSeconds.default(3600),
} as const

/** What policies are told of it. */
export const issueContext = {
  contextTypes: { ttlSeconds: 'Long', login: 'String' },
  context: (input: { ttlSeconds: number; login?: string | undefined }) => ({
    ttlSeconds: input.ttlSeconds,
    login: input.login ?? '',
  }),
} as const
