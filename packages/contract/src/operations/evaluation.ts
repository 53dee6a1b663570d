import { z } from 'zod'
import { resourceTypes, systemId, typesInWorkspaces, type ResourceType } from '../entities.ts'
import { Facts } from '../facts.ts'
import { PrincipalReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { PolicyEvaluation, PolicyExplanation, PolicyTestRun, PolicyWhoCould } from '../evaluation-outputs.ts'
import { CallParameters, PlatformId } from '../platform.ts'
import { PolicyFileInput, policyFilesMax } from '../policy-files.ts'
import { Id, Ip, pageInput } from '../scalars.ts'
import { When } from '../searching.ts'
import { textOf } from '../text.ts'

/** Whose call it is. Programs are asked about as people are. */
const AskedPrincipal = z
  .object({ type: z.enum(['User', 'Service']).meta({ id: 'AskedPrincipalType' }), id: PrincipalReference })
  .meta({ id: 'AskedPrincipal' })

const AskedResource = z
  .object({
    type: textOf({
      what: 'a type of thing such as Server, or of Gatehouse such as Lease',
      charactersMax: 64,
      form: (text) => /^[A-Za-z][A-Za-z0-9_]*$/.test(text),
    }),
    id: PlatformId,
  })
  .meta({ id: 'AskedResource' })

const AskedAction = textOf({
  what: 'an operation such as lease.revoke, or an action of the platform such as deploy',
  charactersMax: 64,
  form: (text) => /^[A-Za-z][A-Za-z0-9._-]*$/.test(text),
})

/** All else of Gatehouse stands beyond workspaces. */
const placedTypes: readonly ResourceType[] = ['Workspace', ...typesInWorkspaces]

/** True of things of Gatehouse that belong to no workspace. Types are written in any case. */
const isBeyondWorkspaces = (type: string): boolean => {
  const own = resourceTypes.find((one) => one.toLowerCase() === type.toLowerCase())
  return own !== undefined && !placedTypes.includes(own)
}

/** A call that is asked about. */
const askedCall = {
  /** Left out: whoever asks. */
  principal: AskedPrincipal.optional(),
  /** The session that the person calls in, as their access token names it; without it they count as by password. */
  session: Id.optional(),
  action: AskedAction,
  resource: AskedResource,
  properties: Facts.default({}),
  workspace: WorkspaceReference.default('default'),
  parameters: CallParameters,
  context: Facts.default({}),
  address: Ip.optional(),
} as const

interface AskedCall {
  readonly principal?: unknown
  readonly resource?: { readonly type: string } | undefined
  readonly action?: string | undefined
  readonly decision?: string | undefined
}

const aboutCall = {
  resource: 'Workspace',
  id: ({ workspace }: { readonly workspace: string }) => workspace,
  contextTypes: { own: 'Bool', beyond: 'Bool' },
  // a decision of the past is anybody's, and may have been made anywhere
  context: ({ principal, resource, action = '', decision }: AskedCall) => ({
    own: principal === undefined && decision === undefined,
    beyond: decision !== undefined || (action.includes('.') && isBeyondWorkspaces(resource?.type ?? '')),
  }),
} as const

/** A call that anybody might make: it is nobody's own. */
const aboutEverybody = {
  resource: 'Workspace',
  id: ({ workspace }: { readonly workspace: string }) => workspace,
  contextTypes: { beyond: 'Bool' },
  context: ({ resource, action }: { readonly resource: { readonly type: string }; readonly action: string }) => ({
    beyond: action.includes('.') && isBeyondWorkspaces(resource.type),
  }),
} as const

/** A file of cases as it would lie in `tests/`. */
const GivenSuite = z
  .object({
    path: textOf({
      what: 'the name of a file of cases, such as platform-operator.yaml',
      charactersMax: 100,
      form: (text) => /^[A-Za-z0-9_][A-Za-z0-9._-]*\.yaml$/.test(text),
    }),
    text: textOf({ what: 'cases in YAML', charactersMax: 200_000, allow: { lineBreaks: true } }),
  })
  .meta({ id: 'PolicySuite' })

/** What others ask of the policies, before they do something. */
export const evaluationOperations = [
  operation({
    name: 'policy.evaluate',
    kind: 'query',
    summary: 'Ask whether somebody may do something: an operation of Gatehouse, or what the platform does.',
    input: z.object(askedCall),
    output: PolicyEvaluation,
    authorize: { principals: ['User', 'Service'], ...aboutCall },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal: ['principal', 'resource', 'properties', 'context'] },
    refusals: [],
    command: { examples: [''] },
  }),
  operation({
    name: 'policy.explain',
    kind: 'query',
    summary: 'Explain a decision: which conditions hold, which do not, and what would make it allow.',
    input: z.object({
      /** One of the past, by the id of its audit entry; then nothing else is said. */
      decision: Id.optional(),
      ...askedCall,
      action: AskedAction.optional(),
      resource: AskedResource.optional(),
    }),
    output: PolicyExplanation,
    authorize: { principals: ['User'], ...aboutCall },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal: ['principal', 'resource', 'properties', 'context'] },
    refusals: [],
    ownMax: 1,
    command: { examples: [''] },
  }),
  operation({
    name: 'policy.whoCould',
    kind: 'query',
    summary: 'Who could do something: everybody whom the policies allow it, by which of them, and what others lack.',
    input: z.object({
      action: AskedAction,
      resource: AskedResource,
      properties: Facts.default({}),
      workspace: WorkspaceReference.default('default'),
      parameters: CallParameters,
      context: Facts.default({}),
      address: Ip.optional(),
      /** By the policies and at the hour of another time; left out: now. */
      at: When.optional(),
      /** At most so many who could; fewer where many could not. */
      first: pageInput.first,
      /** The `next` of the answer before. */
      after: Id.optional(),
    }),
    output: PolicyWhoCould,
    authorize: { principals: ['User'], ...aboutEverybody },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal: ['resource', 'properties', 'context'] },
    refusals: [],
    ownMax: 1,
    command: { examples: [''] },
  }),
  operation({
    name: 'policy.test',
    kind: 'mutation',
    summary: 'Run suites of cases by the policies in force, or by others: which calls meet the decision they expect.',
    input: z.object({
      /** The policies to try; left out: those in force. */
      files: z.array(PolicyFileInput).min(1).max(policyFilesMax).optional(),
      /** The cases; left out: those that lie beside the policies of the node that answers. */
      suites: z.array(GivenSuite).min(1).max(policyFilesMax).optional(),
    }),
    output: PolicyTestRun,
    authorize: { principals: ['User'], resource: 'System', id: () => systemId },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: ['files', 'suites'] },
    refusals: [],
    heavy: true,
    command: { examples: [''] },
  }),
] as const
