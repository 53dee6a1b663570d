import { deviceWords } from '@gatehouse/kit'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createFilters } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { assuranceWords, methodsWords } from './assurance-words.ts'

type PersonSession = Wire<'session.list'>['items'][number]
type Ending = PersonSession | 'others' | 'all'

const columns: readonly Column<PersonSession>[] = [
  {
    title: 'Device',
    rank: 'main',
    cell: (session) => (
      <span class="row">
        <span title={session.device}>{deviceWords(session.device)}</span>
        <Show when={session.current}>
          <StateMark state="this one" />
        </Show>
      </span>
    ),
  },
  { title: 'Address', cell: (session) => session.address, mono: true },
  { title: 'Verified by', cell: (session) => methodsWords(session.methods) },
  { title: 'Strength', cell: (session) => assuranceWords[session.assurance], rank: 'late' },
  { title: 'Last used', cell: (session) => <Moment at={session.lastUsedAt} /> },
  { title: 'Ends', cell: (session) => <Moment at={session.expiresAt} />, rank: 'late' },
]

/** The person's own live sessions. */
export default function Sessions(): JSX.Element {
  const filters = createFilters()
  const [ending, setEnding] = createSignal<Ending | null>(null)
  const loaded = createLoaded('session.list', () => ({ first: 50, after: filters.value('after') }))
  const others = (): boolean => (loaded.data()?.items ?? []).some(({ current }) => !current)
  return (
    <Page
      title="Your sessions"
      lead="Devices where you are logged in. End sessions that you don't recognize, then change your password."
      actions={
        <>
          <Show when={others()}>
            <Button onClick={() => setEnding('others')}>End all others</Button>
          </Show>
          <Button onClick={() => setEnding('all')}>Log out everywhere</Button>
        </>
      }
    >
      <Split detail={undefined}>
        <Answer of={loaded}>
          {(page) => (
            <>
              <DataList
                label="Sessions"
                items={page().items}
                columns={columns}
                key={(session) => session.id}
                actions={(session) => (
                  <Show when={!session.current} fallback={<span class="muted">current session</span>}>
                    <Button
                      class="button-small"
                      onClick={() => setEnding(session)}
                      aria-label={`End the session on ${deviceWords(session.device)}`}
                    >
                      End
                    </Button>
                  </Show>
                )}
              />
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
      <EndDialogs ending={ending()} onDone={() => void loaded.reload()} onClose={() => setEnding(null)} />
    </Page>
  )
}

function EndDialogs(props: { ending: Ending | null; onDone: () => void; onClose: () => void }): JSX.Element {
  const session = useSession()
  const one = (): PersonSession | undefined =>
    typeof props.ending === 'string' || props.ending === null ? undefined : props.ending
  return (
    <Switch>
      <Match when={one()}>
        {(ending) => (
          <ActDialog
            name="session.revoke"
            title="End this session?"
            verb="End"
            look="danger"
            initial={{ reason: '' }}
            input={({ reason = '' }) => ({ id: ending().id, reason })}
            onClose={props.onClose}
            onDone={props.onDone}
            done={() => 'Session ended.'}
          >
            <p>
              The session on {deviceWords(ending().device)} ({ending().address}) ends now and its tokens stop working.
            </p>
          </ActDialog>
        )}
      </Match>
      <Match when={props.ending === 'others'}>
        <ActDialog
          name="session.revokeOthers"
          title="End all other sessions?"
          verb="End"
          look="danger"
          initial={{ reason: '' }}
          input={({ reason = '' }) => ({ reason })}
          onClose={props.onClose}
          onDone={props.onDone}
          done={({ ended }) => `${ended} ${ended === 1 ? 'session' : 'sessions'} ended.`}
        >
          <p>All your sessions except this one end now and their tokens stop working.</p>
        </ActDialog>
      </Match>
      <Match when={props.ending === 'all'}>
        <ActDialog
          name="auth.logout"
          title="Log out everywhere?"
          verb="Log out everywhere"
          look="danger"
          input={() => ({ all: true })}
          onClose={props.onClose}
          onDone={() => void session.logOut()}
          done={() => 'You are logged out everywhere.'}
        >
          <p>All your sessions end now, including this one. Log in again to continue.</p>
        </ActDialog>
      </Match>
    </Switch>
  )
}
