import type { Wire } from '@gatehouse/contract'
import { notKnownYet, type Blocked } from '../../ui/blocked.ts'
import { actWords } from '../../words.ts'
import type { CallName } from '../../wire.ts'

type Mine = Wire<'access.mine'>

/** `allowed` on everything of the kind, `denied` on nothing, `depends` on the very thing. */
export type AccessWord = Mine['operations'][number]['access']

/** What the server says the person may do with an operation; undefined: it said nothing of it. */
export function accessTo(mine: Mine | undefined, operation: CallName, workspace?: string): AccessWord | undefined {
  const found = mine?.operations.find((one) => one.operation === operation)
  return found?.workspaces.find((one) => one.workspace === workspace)?.access ?? found?.access
}

/** Why something can't be done, by the server's answer; null: it can, or it depends, or is not known. */
export const whyNot = (mine: Mine | undefined, operation: CallName, workspace?: string): string | null =>
  accessTo(mine, operation, workspace) === 'denied' ? `You don't have permission to ${actWords({ operation })}.` : null

/** Why none of several operations can be done, which together are `act`; null where one of them can. */
export function whyNoneOf(mine: Mine | undefined, operations: readonly CallName[], act: string): string | null {
  const denied = operations.every((operation) => accessTo(mine, operation) === 'denied')
  return denied ? `You don't have permission to ${act}.` : null
}

/** What the person may do, as the server last said. Nothing is enforced by it: each call is decided for itself. */
export interface Access {
  /** False until the server has answered, or could not. */
  readonly known: () => boolean
  /** Why it can't be done; null: it can be tried. */
  readonly why: (operation: CallName, workspace?: string) => Blocked
  /** Why none of them can be done, which together are `act`; null: one can be tried. */
  readonly whyNone: (operations: readonly CallName[], act: string) => Blocked
  /** True for what the page may ask by itself without running into a refusal. */
  readonly may: (operation: CallName) => boolean
  /** True for what is done whatever it is asked for: not for one's own alone. */
  readonly mayWhole: (operation: CallName) => boolean
}

/** Access by the server's answer. Until it has come nothing can be pressed: nothing is offered and taken back. */
export const accessBy = (mine: () => Mine | undefined, known: () => boolean): Access => ({
  known,
  why: (operation, workspace) => (known() ? whyNot(mine(), operation, workspace) : notKnownYet),
  whyNone: (operations, act) => (known() ? whyNoneOf(mine(), operations, act) : notKnownYet),
  may: (operation) => known() && accessTo(mine(), operation) !== 'denied',
  mayWhole: (operation) => accessTo(mine(), operation) === 'allowed',
})
