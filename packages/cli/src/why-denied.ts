import { operations, systemId, typesInWorkspaces, type OperationName, type Raw, type Wire } from '@gatehouse/contract'
import { CliError, decisionCommand } from './cli-error.ts'
import type { Client } from './client.ts'

/**
 * A client whose denied calls say by which command one learns why, or who does. Nothing more is asked of the server for
 * it but, where that hangs on it, who one is.
 */
export const withExplanation = (client: Client): Client => ({
  ...client,
  call: async <N extends OperationName>(name: N, input: Raw<N>): Promise<Wire<N>> => {
    try {
      return await client.call(name, input)
    } catch (error) {
      throw isDenied(error) ? await explained(client, error, { name, input }) : error
    }
  },
})

const isDenied = (error: unknown): error is CliError =>
  error instanceof CliError && error.code === 'forbidden' && error.hint === null && deniers(error).length > 0

/** The policies that denied; none: no policy permits it. */
const deniers = ({ details }: CliError): readonly string[] =>
  Array.isArray(details['policies']) ? details['policies'].map(String) : []

/** What was asked for, as it was typed. */
interface Asked {
  readonly name: OperationName
  readonly input: unknown
}

const explained = async (client: Client, error: CliError, asked: Asked): Promise<CliError> =>
  new CliError({
    code: error.code,
    message: error.message,
    details: error.details,
    hint: await hintOf(client, error, asked),
    cause: error,
  })

/**
 * Whoever was denied may be denied the question why, too: what stands beyond workspaces only an Admin or Auditor can
 * have explained, and within them a Viewer cannot. They are given the decision to hand on.
 */
async function hintOf(client: Client, { details: { decisionId } }: CliError, { name, input }: Asked): Promise<string> {
  const command = explainCommand(name, input)
  const isForFew = command === null || operations[name].authorize.resource !== 'Workspace'
  if (typeof decisionId === 'string' && (isForFew || !(await mayAskWhy(client))))
    return `Admins and Auditors see why: ${decisionCommand(decisionId)}`
  return command === null ? 'ask an Admin if you need access' : `why: ${command}, or ask an Admin`
}

/** The roles that the shipped policies let ask why they themselves may not do something in a workspace. */
const askingRoles: ReadonlySet<string> = new Set(['Admin', 'Auditor', 'Developer', 'Operator'])

/** Whether the caller may ask; of who may not even ask who they are, it is not known, and they are sent to others. */
const mayAskWhy = async (client: Client): Promise<boolean> => {
  try {
    const { roles } = await client.call('auth.whoami', {})
    return roles.some((role) => askingRoles.has(role)) && !roles.includes('Viewer')
  } catch {
    return false
  }
}

/** What a shell takes as one word, as it stands. */
const oneWord = /^[\w.@:+-]+$/

/**
 * The question why a call was denied. Null: what it was about cannot be named by what was typed, or it was this very
 * question that was denied.
 */
export const explainCommand = (name: OperationName, typed: unknown): string | null => {
  const { authorize, input: schema } = operations[name]
  const input: unknown = schema.safeParse(typed).data
  if (input === undefined || name === 'policy.explain') return null
  const resource = authorize.resource === 'System' ? systemId : idOf(name, input)
  const claims = claimsOf(name, input)
  if (resource === null || claims === null) return null
  const place = authorize.resource === 'Workspace' && resource !== 'default' ? ['--workspace', resource] : []
  const words = ['gatehouse policy explain', name, `${authorize.resource}:${resource}`, ...place, ...claims]
  return words.slice(2).every((word) => oneWord.test(word.replace('=', ''))) ? words.join(' ') : null
}

const idOf = (name: OperationName, input: unknown): string | null => {
  const { id, resource } = operations[name].authorize
  if (id === undefined) return resource === 'Workspace' ? 'default' : null
  // which workspace it lies in only the server knows
  if (typesInWorkspaces.some((type) => type === resource)) return null
  // the contract's own function on what its own schema took; whoever calls is not known here
  const named = (id as (given: unknown, caller: object) => unknown)(input, { principalId: null, sessionId: null })
  return typeof named === 'string' ? named : null
}

/** The facts of the input that policies look at, as they are typed; null: one of them is a list. */
const claimsOf = (name: OperationName, input: unknown): readonly string[] | null => {
  const { context } = operations[name].authorize
  if (context === undefined) return []
  const facts = Object.entries((context as (given: unknown) => Record<string, unknown>)(input)) // as above
  if (facts.some(([, value]) => typeof value === 'object')) return null
  return facts
    .filter(([, value]) => value !== undefined && value !== '')
    .flatMap(([fact, value]) => ['--claim', `${fact}=${String(value)}`])
}
