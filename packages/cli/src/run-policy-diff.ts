import { resolve } from 'node:path'
import type { GrantChange } from '@gatehouse/policy/offline'
import type { Cli } from './cli.ts'
import { flagError, usageError } from './cli-error.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { policyEngine, type Engine } from './policy-engine.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

type Policies = ReturnType<Engine['policiesFrom']>

/**
 * Says who gains and who loses what by a directory instead of what is in force, or instead of another directory. Exit 0
 * where nobody does, 1 where somebody does, 2 where a set is none.
 */
export const runPolicyDiff = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const [one, two] = [textOf(values, 'directory'), textOf(values, 'other')]
  if (one === null) throw flagError('directory', 'is missing: the policies to compare')
  const engine = await policyEngine()
  const changes = await comparing(engine, async () => {
    const given = await engine.loadPolicies(resolve(cli.config.cwd, two ?? one))
    const before =
      two === null ? await inForce(cli, engine, given) : await engine.loadPolicies(resolve(cli.config.cwd, one))
    return engine.compareGrants(before.decider, given.decider)
  })
  if (cli.options.form === 'json') showJson(cli, changes)
  else show(cli, changes)
  return changes.length === 0 ? 0 : 1
}

async function comparing<T>({ PolicyError }: Engine, compare: () => Promise<T>): Promise<T> {
  try {
    return await compare()
  } catch (error) {
    if (error instanceof PolicyError) throw usageError(error.message)
    throw error
  }
}

/** A page of policies. */
const pageSize = 200

/** What is in force at the server, under the schema of the directory: what that does not know of is an error. */
async function inForce(cli: Cli, { policiesFrom }: Engine, { set }: Policies): Promise<Policies> {
  const client = await cli.client()
  const sources = new Map<string, string>()
  for (let after: string | undefined; ;) {
    const page = await client.call('policy.list', { first: pageSize, ...(after === undefined ? {} : { after }) })
    for (const { file, source } of page.items) sources.set(file, `${sources.get(file) ?? ''}\n${source}`)
    if (page.nextCursor === null) break
    after = page.nextCursor
  }
  const schemas = set.files.filter(({ file }) => file.endsWith('.cedarschema'))
  return policiesFrom([...schemas, ...[...sources].map(([file, text]) => ({ file, text }))], 'the policies in force')
}

function show({ terminal, options }: Cli, changes: readonly GrantChange[]): void {
  if (changes.length === 0) return terminal.talk('nobody gains or loses anything\n')
  const rows = changes.map(({ who, change, what, where, before, after }) => [who, change, what, where, before, after])
  const columns = ['who', '', 'what', 'in', 'before', 'after']
  terminal.out(
    drawTable({ columns, rows }, { width: options.form === 'wide' ? null : terminal.width, colour: terminal.colour }),
  )
}
