import {
  platformActions,
  publicOperationNames,
  unknownAction,
  type ActionsOf,
  type OperationName,
} from '@gatehouse/contract'
import { nearest } from '@gatehouse/kit'
import type { Cli } from './cli.ts'

const knownActions: readonly string[] = [...publicOperationNames, ...platformActions]

/** What was probably meant by an action that nothing is called; null: there is one, or none is near. */
export const meantAction = (typed: string): string | null =>
  knownActions.includes(typed) ? null : nearest(typed, knownActions)

/** What was answered about an action. */
interface Answered {
  readonly policies: readonly string[]
  readonly errors: readonly string[]
}

/** Says which action was probably meant, beside an answer by no policy: policies may know more actions than we do. */
export const suggestAction = ({ terminal, options }: Cli, typed: string, { policies, errors }: Answered): void => {
  const meant = policies.length === 0 && errors.length > 0 ? meantAction(typed) : null
  if (meant !== null && options.form !== 'json') terminal.talk(`did you mean ${meant}?\n`)
}

/** Operations that look for entries or decisions by an action. */
const searches: Partial<Record<OperationName, ActionsOf>> = {
  'audit.search': 'entries',
  'audit.stats': 'entries',
  'audit.tail': 'entries',
  'audit.export': 'entries',
  'auditView.save': 'entries',
  'decision.list': 'decisions',
}

/** Says that an action that something is looked for by is none, where that may be why there is nothing. */
export const sayUnknownAction = (
  { terminal, options }: Cli,
  name: OperationName,
  { action }: Readonly<Record<string, unknown>>,
): void => {
  const of = searches[name]
  if (of === undefined || typeof action !== 'string' || options.form === 'json') return
  const unknown = unknownAction(action, of)
  if (unknown === null) return
  const known = of === 'entries' ? 'no operation or event' : 'no operation, event or action of the platform'
  const hint = unknown.meant === null ? '' : `; did you mean ${unknown.meant}?`
  terminal.talk(`${known} is called \`${action}\`, and none begins so${hint}\n`)
}

/** Whether what was looked for is not there, or is not said: a search that is only kept answers nothing. */
export const isNothing = (output: unknown): boolean => {
  if (typeof output !== 'object' || output === null) return true
  if ('items' in output && Array.isArray(output.items)) return output.items.length === 0
  return !('counted' in output) || output.counted === 0
}
