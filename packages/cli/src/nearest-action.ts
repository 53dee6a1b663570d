import { platformActions, publicOperationNames } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { nearest } from './words.ts'

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
