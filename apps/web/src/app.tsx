import { useLocation, type RouteSectionProps } from '@solidjs/router'
import { ErrorBoundary, lazy, Match, Show, Suspense, Switch, type JSX } from 'solid-js'
import { Problem } from './features/answer/answer.tsx'
import { Insecure } from './features/log-in/insecure.tsx'
import { LogIn } from './features/log-in/log-in.tsx'
import { SessionProvider, useSession } from './session.tsx'
import { Button } from './ui/button.tsx'
import { Note, Skeleton } from './ui/feedback.tsx'
import { NoticesProvider } from './ui/notices.tsx'
import { Title } from './ui/title.tsx'

const Shell = lazy(() => import('./features/shell/shell.tsx'))
const FirstSteps = lazy(() => import('./features/log-in/first-steps.tsx'))
const StepUpDialog = lazy(() => import('./features/log-in/step-up.tsx'))
const EndedDialog = lazy(() => import('./features/log-in/ended.tsx'))
const TimeOut = lazy(() => import('./features/log-in/time-out.tsx'))
const AcceptInvitation = lazy(() => import('./features/invite/accept-invitation.tsx'))
const UnwrapAlone = lazy(() => import('./features/unwrap/unwrap-alone.tsx'))

/**
 * The whole page: who is here decides what is shown. The address does so only for somebody invited, who has nothing to
 * log in with yet, and for whoever was handed a wrapped credential, who may never have.
 */
export function App(props: RouteSectionProps): JSX.Element {
  return (
    <Show when={window.isSecureContext} fallback={<Insecure />}>
      <NoticesProvider>
        <SessionProvider>
          <ErrorBoundary fallback={(error: unknown, reset) => <Crash error={error} reset={reset} />}>
            <Stage>{props.children}</Stage>
          </ErrorBoundary>
        </SessionProvider>
      </NoticesProvider>
    </Show>
  )
}

function Stage(props: { children: JSX.Element }): JSX.Element {
  const session = useSession()
  const location = useLocation()
  const at = (): string => session.state().at
  const unreachable = (): { error: unknown } | undefined => {
    const state = session.state()
    return state.at === 'unreachable' ? state : undefined
  }
  return (
    <Suspense fallback={<Waiting />}>
      <Switch>
        <Match when={at() === 'unknown'}>
          <Waiting />
        </Match>
        <Match when={at() === 'anonymous' && location.pathname === '/invite'}>
          <AcceptInvitation />
        </Match>
        <Match when={at() === 'anonymous' && location.pathname === '/unwrap'}>
          <UnwrapAlone />
        </Match>
        <Match when={at() === 'anonymous'}>
          <LogIn />
        </Match>
        <Match when={at() === 'first-steps'}>
          <FirstSteps />
        </Match>
        <Match keyed when={(at() === 'in' || at() === 'ended') && session.me()?.id}>
          {(_person) => <Shell>{props.children}</Shell>}
        </Match>
        <Match when={unreachable()}>
          {(state) => (
            <main class="centre">
              <Title of="Not reachable" />
              <Problem error={state().error} retry={() => void session.reload()} />
            </main>
          )}
        </Match>
      </Switch>
      <Show when={session.stepUp()}>{(request) => <StepUpDialog request={request()} />}</Show>
      <Show when={at() === 'ended'}>
        <EndedDialog />
      </Show>
      <Show when={at() === 'in' || at() === 'first-steps'}>
        <TimeOut />
      </Show>
    </Suspense>
  )
}

/** Who is here is being asked for, or the part of the page for them is under way. */
function Waiting(): JSX.Element {
  return (
    <main class="centre">
      <Skeleton />
    </main>
  )
}

/** A fault of ours on the page itself. */
function Crash(props: { error: unknown; reset: () => void }): JSX.Element {
  console.error(props.error)
  return (
    <main class="centre">
      <Title of="Page error" />
      <Note tone="bad" title="This page has crashed." action={<Button onClick={() => props.reset()}>Try again</Button>}>
        This is a fault in Gatehouse. Nothing on the server was changed.
      </Note>
    </main>
  )
}
