import type { Raw, Wire } from '@gatehouse/contract'
import { createContext, createSignal, onCleanup, useContext, type Accessor, type JSX } from 'solid-js'
import { call, CallRefused, sessionEvents } from './api.ts'
import { createReads, type Reads } from './reads.ts'
import type { CallName } from './wire.ts'
import { wantsSecondFactor } from './words.ts'

/**
 * Where the person stands: not known yet, nobody, a session that has ended under an open page, first steps to do, or
 * in.
 */
export type SessionState =
  | { readonly at: 'unknown' }
  | { readonly at: 'unreachable'; readonly error: unknown }
  | { readonly at: 'anonymous'; readonly timedOut: boolean }
  | { readonly at: 'ended'; readonly me: Wire<'auth.whoami'>; readonly why: string | undefined }
  | { readonly at: 'first-steps'; readonly me: Wire<'auth.whoami'> }
  | { readonly at: 'in'; readonly me: Wire<'auth.whoami'> }

/** A call that waits for the person to prove a second factor. */
export interface StepUpRequest {
  readonly refused: CallRefused
  readonly proved: () => void
  readonly given: () => void
}

/** The person's session, and calls made in it. */
export interface Session {
  readonly state: Accessor<SessionState>
  readonly me: Accessor<Wire<'auth.whoami'> | null>
  /** Asks the server anew who is here. */
  readonly reload: () => Promise<void>
  /** Lets a person out of their first steps, once nothing is missing any more. */
  readonly enter: () => void
  /** Uses the session, so that it does not run out while a person is at work. */
  readonly touch: () => Promise<void>
  readonly logOut: () => Promise<void>
  /** Ends the session because its time is up; the address stays, so the next log-in comes back to it. */
  readonly timeOut: () => Promise<void>
  /**
   * Calls; when a fresher or second factor is wanted, asks for it in place and calls again. Giving up throws the
   * refusal.
   */
  readonly act: <N extends CallName>(name: N, input: Raw<N>) => Promise<Wire<N>>
  /** Asks for a second factor in place; true once it is proved. */
  readonly prove: (refused: CallRefused) => Promise<boolean>
  readonly stepUp: Accessor<StepUpRequest | null>
  /** What the page knows of the server; asked anew after each log-in and step-up. */
  readonly reads: Reads
}

const SessionContext = createContext<Session>()

/** Who does first steps stays in them until they leave: after the last thing missing come backup codes. */
const stateOf = (me: Wire<'auth.whoami'>, before: SessionState): SessionState => ({
  at: me.missing.length > 0 || before.at === 'first-steps' ? 'first-steps' : 'in',
  me,
})

const anonymous: SessionState = { at: 'anonymous', timedOut: false }

function meOf(state: SessionState): Wire<'auth.whoami'> | null {
  return 'me' in state ? state.me : null
}

function createStepUp(): { stepUp: Accessor<StepUpRequest | null>; prove: (refused: CallRefused) => Promise<boolean> } {
  const [stepUp, setStepUp] = createSignal<StepUpRequest | null>(null)
  const waiting = new Set<(proved: boolean) => void>()
  const settle = (proved: boolean): void => {
    setStepUp(null)
    for (const resolve of waiting) resolve(proved)
    waiting.clear()
  }
  const prove = (refused: CallRefused): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    waiting.add(resolve)
    setStepUp({ refused, proved: () => settle(true), given: () => settle(false) })
    return promise
  }
  return { stepUp, prove }
}

/** What became of a session that has ended, where the server said so. */
const reasonOf = (event: Event): string | undefined =>
  event instanceof CustomEvent && event.detail instanceof CallRefused ? event.detail.details.reason : undefined

/** A page that could not learn who is here asks again, so that it comes up when the server does. */
const askAgainMs = 2000

/** Makes the page's one session. */
function createSession(): Session {
  const [state, setState] = createSignal<SessionState>({ at: 'unknown' })
  const reads = createReads()
  const { stepUp, prove: ask } = createStepUp()
  let again: ReturnType<typeof setTimeout> | undefined
  const reload = async (): Promise<void> => {
    try {
      const me = await call('auth.whoami', {})
      if (meOf(state())?.id !== me.id) reads.forget()
      setState((before) => stateOf(me, before))
      reads.askAll()
    } catch (error) {
      const me = meOf(state())
      if (error instanceof CallRefused && error.code === 'unauthenticated')
        setState(me === null ? anonymous : { at: 'ended', me, why: error.details.reason })
      else if (me === null) {
        setState({ at: 'unreachable', error })
        clearTimeout(again)
        again = setTimeout(() => void reload(), askAgainMs)
      }
    }
  }
  onCleanup(() => clearTimeout(again))
  const prove = async (refused: CallRefused): Promise<boolean> => {
    const proved = await ask(refused)
    if (proved) await reload()
    return proved
  }
  const act = async <N extends CallName>(name: N, input: Raw<N>): Promise<Wire<N>> => {
    const answer = await call(name, input).catch(async (error: unknown) => {
      if (!wantsSecondFactor(error) || !(await prove(error))) throw error
      return call(name, input)
    })
    reads.changed(name)
    return answer
  }
  const logOut = async (): Promise<void> => {
    await call('auth.logout', {}).catch((error: unknown) => {
      if (!(error instanceof CallRefused)) throw error // a refused log-out is a session that is gone already
    })
    setState(anonymous)
    reads.forget()
  }
  const onEnded = (event: Event): void => {
    // a call that was under way at log-out is told now, and says nothing of why the session ended
    if (state().at === 'anonymous') return
    const me = meOf(state())
    setState(me === null ? anonymous : { at: 'ended', me, why: reasonOf(event) })
  }
  const enter = (): void => {
    setState((before) =>
      before.at === 'first-steps' && before.me.missing.length === 0 ? { at: 'in', me: before.me } : before,
    )
  }
  const touch = async (): Promise<void> => {
    // a session that is gone tells so by itself, and a network that is away is told elsewhere
    const me = await call('auth.whoami', {}).catch(() => null)
    if (me !== null) setState((before) => ('me' in before ? { ...before, me } : before))
  }
  const timeOut = async (): Promise<void> => {
    // whether or not the server hears it: its own clock ends the session, too
    await call('auth.logout', {}).catch(() => undefined)
    setState({ at: 'anonymous', timedOut: true })
    reads.forget()
  }
  sessionEvents.addEventListener('ended', onEnded)
  onCleanup(() => sessionEvents.removeEventListener('ended', onEnded))
  void reload()
  return { state, me: () => meOf(state()), reload, enter, touch, logOut, timeOut, act, prove, stepUp, reads }
}

/** Gives the session to everything below. */
export function SessionProvider(props: { children: JSX.Element }): JSX.Element {
  return <SessionContext.Provider value={createSession()}>{props.children}</SessionContext.Provider>
}

/** The person's session. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new TypeError('useSession stands outside SessionProvider')
  return session
}
