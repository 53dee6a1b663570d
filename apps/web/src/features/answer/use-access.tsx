import { createContext, useContext, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { accessBy, type Access } from './access.ts'

export type { Access } from './access.ts'

const anything: Access = {
  known: () => true,
  why: () => null,
  whyNone: () => null,
  may: () => true,
  mayWhole: () => true,
}

const AccessContext = createContext<Access>(anything)

/** An answer is good for a minute at most: hour and address count. */
const askedEveryMs = 60_000

/** Asks what the person may do, for everything below. */
export function AccessProvider(props: { children: JSX.Element }): JSX.Element {
  const mine = createLoaded('access.mine', () => ({}), { everyMs: askedEveryMs })
  const access = accessBy(mine.data, () => mine.data() !== undefined || mine.error() !== undefined)
  return <AccessContext.Provider value={access}>{props.children}</AccessContext.Provider>
}

/** What the person may do. */
export const useAccess = (): Access => useContext(AccessContext)
