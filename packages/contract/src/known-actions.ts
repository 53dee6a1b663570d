import { nearest } from '@gatehouse/kit'
import { auditActions } from './audit-classes.ts'
import { platformActions } from './platform.ts'

/** What actions are looked for in: entries have those of Gatehouse alone, decisions those of the platform as well. */
export type ActionsOf = 'entries' | 'decisions'

const knownIn: Readonly<Record<ActionsOf, readonly string[]>> = {
  entries: auditActions,
  decisions: [...auditActions, ...platformActions],
}

/** An action that is none of ours; other systems name theirs as they like. */
export interface UnknownAction {
  /** What was probably meant: an action, or how some begin; null where none is near. */
  readonly meant: string | null
}

/** Null: there is an action of that name, or some begin so. */
export function unknownAction(typed: string, of: ActionsOf): UnknownAction | null {
  const known = knownIn[of]
  if (known.some((action) => action.startsWith(typed))) return null
  const candidates = [...known, ...nounsOf(known).filter((noun) => noun[0] === typed[0]?.toLowerCase())]
  const alike = candidates.find((one) => one.toLowerCase() === typed.toLowerCase())
  return { meant: alike ?? nearest(typed, candidates) }
}

/** How actions begin. They are short, so that one which begins otherwise is another word, and no slip. */
const nounsOf = (actions: readonly string[]): readonly string[] => [
  ...new Set(actions.flatMap((action) => action.split('.', 1))),
]
