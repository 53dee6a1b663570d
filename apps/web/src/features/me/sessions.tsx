import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { createFilters } from '../../ui/filters.tsx'
import { createForm, type Form } from '../../ui/form.ts'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { assuranceWords } from './assurance-words.ts'
import { deviceWords } from './device-words.ts'

type PersonSession = Wire<'session.list'>['items'][number]

const columns: readonly Column<PersonSession>[] = [
  { title: 'Device', rank: 'main', cell: (session) => <span class="row"><span title={session.device}>{deviceWords(session.device)}</span><Show when={session.current}><StateMark state="this one" /></Show></span> },
  { title: 'Address', cell: (session) => session.address, mono: true },
  { title: 'Proved by', cell: (session) => session.methods.join(' + ') },
  { title: 'Strength', cell: (session) => assuranceWords[session.assurance], rank: 'late' },
  { title: 'Last used', cell: (session) => <Moment at={session.lastUsedAt} /> },
  { title: 'Ends', cell: (session) => <Moment at={session.expiresAt} />, rank: 'late' },
]

/** The person's own live sessions. */
export default function Sessions(): JSX.Element {
  const filters = createFilters()
  const [ending, setEnding] = createSignal<PersonSession | 'others' | null>(null)
  const loaded = createLoaded('session.list', () => ({ first: 50, after: filters.value('after') }))
  const others = (): boolean => (loaded.data()?.items ?? []).some(({ current }) => !current)
  return (
    <Page title="Your sessions" lead="Everywhere you are logged in. End what you don't recognise, then change your password." actions={<Show when={others()}><Button onClick={() => setEnding('others')}>End all others</Button></Show>}>
      <Split detail={undefined}>
        <Answer of={loaded}>
          {(page) => (
            <>
              <DataList label="Sessions" items={page().items} columns={columns} key={(session) => session.id} actions={(session) => (
                <Show when={!session.current} fallback={<span class="muted">log out to end it</span>}><Button class="button-small" onClick={() => setEnding(session)} aria-label={`End the session on ${deviceWords(session.device)}`}>End</Button></Show>
              )} />
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
      <EndDialogs ending={ending()} onDone={() => void loaded.reload()} onClose={() => setEnding(null)} />
    </Page>
  )
}

function EndDialogs(props: { ending: PersonSession | 'others' | null; onDone: () => void; onClose: () => void }): JSX.Element {
  const session = useSession()
  const one = (): PersonSession | undefined => (props.ending === null || props.ending === 'others' ? undefined : props.ending)
  return (
    <>
      <Show when={one()}>
        {(ending) => <EndDialog what={`The session on ${deviceWords(ending().device)} (${ending().address}) ends now; its tokens stop working everywhere.`} onClose={props.onClose} onDone={props.onDone} form={createForm({ name: 'session.revoke', initial: { reason: '' }, input: ({ reason = '' }) => ({ id: ending().id, reason }), call: session.act })} />}
      </Show>
      <Show when={props.ending === 'others'}>
        <EndDialog what="Every session of yours but this one ends now; their tokens stop working everywhere." onClose={props.onClose} onDone={props.onDone} form={createForm({ name: 'session.revokeOthers', initial: { reason: '' }, input: ({ reason = '' }) => ({ reason }), call: session.act })} />
      </Show>
    </>
  )
}

function EndDialog(props: { what: string; form: Form<unknown>; onClose: () => void; onDone: () => void }): JSX.Element {
  const { tell } = useNotices()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (await props.form.send() === null) return
    tell('Ended.')
    props.onDone()
    props.onClose()
  }
  return (
    <Dialog open title="End it?" onClose={() => props.onClose()}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>{props.what}</p>
        <Show when={props.form.error()}>{(error) => <Problem error={error()} />}</Show>
        <TextField label="Reason" hint="Auditors read it." autocomplete="off" value={props.form.values()['reason'] ?? ''} problem={props.form.problem('reason')} onText={props.form.set('reason')} />
        <div class="form-actions"><Button type="submit" look="danger" busy={props.form.busy()}>End</Button><Button onClick={() => props.onClose()}>Keep</Button></div>
      </form>
    </Dialog>
  )
}
