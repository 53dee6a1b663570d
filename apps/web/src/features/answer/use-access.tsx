import { createContext, useContext, type Accessor, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import type { CallName } from '../../wire.ts'
import { accessTo, whyNoneOf, whyNot } from './access.ts'

/** What the person may do, as the server last said. Nothing is enforced by it: each call is decided for itself. */
export interface Access {
  /** False until the server has answered, or could not. */
  readonly known: Accessor<boolean>
  /** Why it can't be done; null: it can be tried. */
  readonly why: (operation: CallName, workspace?: string) => string | null
  /** Why none of them can be done, which together are `act`; null: one can be tried. */
  readonly whyNone: (operations: readonly CallName[], act: string) => string | null
  /** True for what the page may ask by itself without running into a refusal. */
  readonly may: (operation: CallName) => boolean
}

const anything: Access = { known: () => true, why: () => null, whyNone: () => null, may: () => true }

const AccessContext = createContext<Access>(anything)

/** An answer is good for a minute at most: hour and address count. */
const askedEveryMs = 60_000

/** Asks what the person may do, for everything below. */
export function AccessProvider(props: { children: JSX.Element }): JSX.Element {
  const mine = createLoaded('access.mine', () => ({}), { everyMs: askedEveryMs })
  const known = (): boolean => mine.data() !== undefined || mine.error() !== undefined
  const access: Access = {
    known,
    why: (operation, workspace) => whyNot(mine.data(), operation, workspace),
    whyNone: (operations, act) => whyNoneOf(mine.data(), operations, act),
    may: (operation) => known() && accessTo(mine.data(), operation) !== 'denied',
  }
  return <AccessContext.Provider value={access}>{props.children}</AccessContext.Provider>
}

/** What the person may do. */
export const useAccess = (): Access => useContext(AccessContext)
