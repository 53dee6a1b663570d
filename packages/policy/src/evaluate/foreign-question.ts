import {
  platformActions,
  platformTypes,
  resourceTypes,
  type Facts,
  type PlatformAction,
  type PlatformType,
  type ResourceType,
} from '@gatehouse/contract'
import {
  apiTokenOf,
  assuranceOf,
  principalEntities,
  uid,
  type CedarEntity,
  type CedarValue,
  type Slice,
} from '@gatehouse/enforcement'
import type { RecordType } from '../facts/schema-model.ts'
import { decidePlatform, platformRequest, type PlatformQuestion, type Standing } from '../platform.ts'
import type { Asked, EvaluationDeps, Finding } from './question.ts'
import { foreignAction, schemaOf, typeNamed, type ForeignAction, type ForeignType } from './schema-names.ts'
import { serverFacts } from './said-in-question.ts'
import { undecided } from './undecided.ts'

/** Decides a call of the platform, or of another system whose actions the schema has. */
export async function decideForeign(deps: EvaluationDeps, asked: Asked): Promise<Finding> {
  const schema = schemaOf(deps.engine.inForce().set)
  const action = schema === null ? null : foreignAction(schema, asked.input.action)
  if (schema === null || action === null) return undecided(`the policies know no action \`${asked.input.action}\``)
  const type = typeNamed(schema, action.model, asked.input.resource.type)
  if (type === null)
    return undecided(`\`${action.name}\` is done to ${[...action.model.resources].sort().join(', ')}, not to this type`)
  if (asked.principal === null) return undecided(nobody)
  if (!action.model.principals.has(asked.principal.type)) return undecided(`a ${asked.principal.type} never does this`)
  const wrong = wrongFacts(asked, { action, type })
  if (wrong.length > 0) return { ...undecided(...wrong), principal: asked.principal }
  const { question, ignored } = await questionOf(deps, { ...asked, principal: asked.principal }, { action, type })
  const { decision, obligations } = decidePlatform(deps.engine.decider, question)
  return {
    request: platformRequest(question),
    decision,
    ignored,
    errors: [],
    principal: asked.principal,
    resource: uid(type.name, question.resource.id),
    obligations: obligations.map((one) =>
      one.kind === 'use-approval'
        ? { kind: 'useApproval', approval: one.approval }
        : { kind: one.kind, approval: null },
    ),
  }
}

/** The same words for whoever is disabled, unknown, or not in that session: who asks learns of no account by it. */
export const nobody = 'nobody who may call goes by this name, or not in this session'

type AskedBySomebody = Asked & { readonly principal: NonNullable<Asked['principal']> }

interface Named {
  readonly action: ForeignAction
  readonly type: ForeignType
}

async function questionOf(
  deps: EvaluationDeps,
  asked: AskedBySomebody,
  { action, type }: Named,
): Promise<{ readonly question: PlatformQuestion; readonly ignored: readonly string[] }> {
  const { input, principal, workspace, now, address } = asked
  const own = await ownThing(deps, asked, type.name)
  const properties = isOwnType(type.name)
    ? ignoring(input)
    : factsFor(type.model.attributes, input.properties, standings)
  const claims = factsFor(action.model.context, input.context, serverFacts)
  return {
    question: {
      action: action.name,
      resource: {
        type: type.name,
        id: own?.resource.id ?? input.resource.id,
        properties: properties.facts,
        standing: standings.filter((name) => type.model.attributes?.attributes.has(name) === true),
        liesIn: standings.filter((name) => type.model.parents.has(name === 'workspace' ? 'Workspace' : 'Environment')),
      },
      subject: { uid: uid(principal.type, principal.id), entities: principalEntities(principal) },
      assurance: assuranceOf(principal, now, deps.stepUpMaxAgeSeconds),
      apiToken: apiTokenOf(principal) !== null,
      workspace,
      ...(isOwnType(type.name) ? { known: own?.entities ?? [] } : {}),
      approval: await approvalOf(deps, asked, { action, type }),
      claims: { ...withDefaults(action.model.context), ...claims.facts },
      now,
      address,
    },
    ignored: [
      ...properties.ignored.map((name) => `properties.${name}`),
      ...claims.ignored.map((name) => `context.${name}`),
    ],
  }
}

const ignoring = ({ properties }: Asked['input']): ReturnType<typeof factsFor> => ({
  facts: {},
  ignored: Object.keys(properties),
})

/**
 * A thing of Gatehouse itself, which others have actions for: what the server knows of it. One that stands in another
 * workspace is as unknown as one that is not there.
 */
async function ownThing(deps: EvaluationDeps, { input, workspace }: Asked, type: string): Promise<Slice | null> {
  if (!isOwnType(type)) return null
  const slice = await deps.slices[type](deps.db, input.resource.id)
  if (slice === null) return null
  return slice.workspace === null || slice.workspace === workspace.resource.id ? slice : null
}

const isOwnType = (text: string): text is ResourceType => isOneOf(resourceTypes, text)

const isOneOf = <T extends string>(all: readonly T[], text: string): text is T =>
  (all as readonly string[]).includes(text)

/** A second person's yes to this very call. Only people have one. */
async function approvalOf(
  { approvals }: EvaluationDeps,
  { input, principal, workspace, now }: AskedBySomebody,
  { action, type }: Named,
): Promise<{ readonly id: string; readonly entities: readonly CedarEntity[] } | null> {
  if (principal.type !== 'User') return null
  if (!isOneOf<PlatformAction>(platformActions, action.name) || !isOneOf<PlatformType>(platformTypes, type.name))
    return null
  const call = {
    action: action.name,
    resourceType: type.name,
    resourceId: input.resource.id,
    workspaceId: workspace.resource.id,
    parameters: input.parameters,
  }
  return approvals.find({ call, requesterId: principal.id, now })
}

const standings: readonly Standing[] = ['workspace', 'environment']

/** What the schema has a place for, and the server does not know itself. All else is not looked at. */
function factsFor(
  record: RecordType | null,
  given: Facts,
  reserved: readonly string[],
): { readonly facts: Readonly<Record<string, CedarValue>>; readonly ignored: readonly string[] } {
  const isTaken = (name: string): boolean => !reserved.includes(name) && record?.attributes.has(name) === true
  const entries = Object.entries(given)
  return {
    facts: Object.fromEntries(entries.filter(([name]) => isTaken(name))),
    ignored: entries.filter(([name]) => !isTaken(name)).map(([name]) => name),
  }
}

/** What was said in another form than the schema has for it: nothing could be decided by it, and nobody knew why. */
function wrongFacts({ input }: Asked, { action, type }: Named): readonly string[] {
  const properties = isOwnType(type.name) ? {} : factsFor(type.model.attributes, input.properties, standings).facts
  return [
    ...misfits('properties', properties, type.model.attributes),
    ...misfits('context', factsFor(action.model.context, input.context, serverFacts).facts, action.model.context),
  ]
}

const misfits = (place: string, facts: Readonly<Record<string, CedarValue>>, record: RecordType | null): string[] =>
  Object.entries(facts).flatMap(([name, value]) => {
    const form = forms[record?.attributes.get(name)?.type.kind ?? '']
    return form === undefined || form.fits(value) ? [] : [`\`${place}.${name}\` is ${form.words}`]
  })

/** The forms that a fact may be said in. What is made of more is for the engine to judge. */
const forms: Readonly<Record<string, { readonly words: string; readonly fits: (value: CedarValue) => boolean }>> = {
  bool: { words: 'true or false', fits: (value) => typeof value === 'boolean' },
  long: { words: 'a whole number', fits: (value) => typeof value === 'number' },
  string: { words: 'a text', fits: (value) => typeof value === 'string' },
  set: { words: 'a list', fits: (value) => Array.isArray(value) },
}

const defaults: Readonly<Record<string, CedarValue>> = { bool: false, string: '' }

/** What has to be said of a call and was not: no force, no reason given. Of other types nothing can be assumed. */
const withDefaults = (record: RecordType | null): Readonly<Record<string, CedarValue>> =>
  Object.fromEntries(
    [...(record?.attributes ?? [])].flatMap(([name, { type, required }]) => {
      const value = defaults[type.kind]
      return required && !serverFacts.includes(name) && value !== undefined ? [[name, value] as const] : []
    }),
  )
