import type { OperationName } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'

/** People and workspaces by id, as they are called. */
interface KnownNames {
  readonly people: ReadonlyMap<string, string>
  readonly workspaces: ReadonlyMap<string, string>
}

/** Fields that hold the id of a person, with no name beside it. */
const personFields = ['setBy', 'changedBy', 'placedBy', 'releasedBy', 'user']

/** As many as one page may ask for; what is not among them keeps its id. */
const namesMax = 200

/**
 * What is shown in a table, with the names of people and workspaces where only ids came: for who may list them, and for
 * the eye alone. Programs, and who asks for whole ids, get what came.
 */
export const withNames = async (cli: Cli, output: unknown): Promise<unknown> => {
  if (cli.options.form !== 'table' || cli.options.quiet) return output
  const wanted = { people: false, workspaces: false }
  replaced(output, (kind, id) => {
    wanted[kind] = true
    return id
  })
  if (!wanted.people && !wanted.workspaces) return output
  const known = await namesOf(await cli.client(), wanted).catch(() => nothing) // ids are worse to read, and as true
  return replaced(output, (kind, id) => known[kind].get(id) ?? id)
}

const nothing: KnownNames = { people: new Map(), workspaces: new Map() }

/** Asks first whether it may: a refusal that nobody asked for has no place in the audit log. */
const namesOf = async (
  client: Client,
  wanted: { readonly people: boolean; readonly workspaces: boolean },
): Promise<KnownNames> => {
  const may = await whatIsAllowed(client)
  const people = wanted.people && may('user.list') ? (await client.call('user.list', { first: namesMax })).items : []
  const workspaces =
    wanted.workspaces && may('workspace.list') ? (await client.call('workspace.list', { first: namesMax })).items : []
  return {
    people: new Map(people.map(({ id, username }) => [id, username])),
    workspaces: new Map(workspaces.map(({ id, name }) => [id, name])),
  }
}

/** Which operations whoever asks may ask, to look at something on the side. */
export const whatIsAllowed = async (client: Client): Promise<(name: OperationName) => boolean> => {
  const { operations } = await client.call('access.mine', {})
  return (name) => operations.some(({ operation, access }) => operation === name && access !== 'denied')
}

type NameOf = (kind: keyof KnownNames, id: string) => string

/** A copy in which each id of a person or workspace that stands alone is what `nameOf` makes of it. */
const replaced = (value: unknown, nameOf: NameOf): unknown => {
  if (Array.isArray(value)) return value.map((item) => replaced(item, nameOf))
  if (typeof value !== 'object' || value === null) return value
  const thing = named(value as Readonly<Record<string, unknown>>, nameOf) // an object and not null
  return Object.fromEntries(
    Object.entries(thing).map(([field, inner]) => [field, replacedField({ field, inner, beside: thing }, nameOf)]),
  )
}

/** A thing as Cedar names it: by type and id. */
const named = (value: Readonly<Record<string, unknown>>, nameOf: NameOf): Readonly<Record<string, unknown>> => {
  const { type, id } = value
  if (typeof id !== 'string' || typeof value['name'] === 'string') return value
  if (type === 'User') return { ...value, id: nameOf('people', id) }
  return type === 'Workspace' ? { ...value, id: nameOf('workspaces', id) } : value
}

interface Field {
  readonly field: string
  readonly inner: unknown
  readonly beside: Readonly<Record<string, unknown>>
}

const replacedField = ({ field, inner, beside }: Field, nameOf: NameOf): unknown => {
  if (typeof inner !== 'string') return replaced(inner, nameOf)
  if (field === 'workspace' && inner !== 'default') return nameOf('workspaces', inner)
  return personFields.includes(field) && typeof beside['username'] !== 'string' ? nameOf('people', inner) : inner
}
