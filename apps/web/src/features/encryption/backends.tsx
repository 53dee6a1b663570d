import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Moment, Since } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Section } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Prose } from '../../ui/prose.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { sentence } from '../../words.ts'
import { backendFacts, kindOf, problemWords, standingMark, type Backend } from './backend-words.ts'

const askedEveryMs = 30_000

/** What opens everything else: each backend, how it stands, and a look at it now. */
export function Backends(): JSX.Element {
  const access = useAccess()
  const asked = () => (access.may('kmsBackend.list') ? {} : null)
  const loaded = createLoaded('kmsBackend.list', asked, { everyMs: askedEveryMs })
  return (
    <Section title="1 · Key encryption keys">
      <p>They unwrap every key below. What none of them can unwrap any more is lost.</p>
      <Show when={access.may('kmsBackend.list')} fallback={<p class="muted">{access.why('kmsBackend.list')}</p>}>
        <Answer of={{ ...loaded, staleSince: () => null }} lines={2}>
          {(list) => (
            <div class="backends">
              <For each={list().backends}>{(backend) => <BackendCard of={backend} />}</For>
            </div>
          )}
        </Answer>
        <CheckNow reload={() => void loaded.reload()} />
      </Show>
    </Section>
  )
}

function BackendCard(props: { of: Backend }): JSX.Element {
  const keys = (): string => (props.of.keys === null ? 'not known' : props.of.keys.toLocaleString('en-GB'))
  return (
    <section class="card backend">
      <div class="row">
        <h3>{kindOf(props.of)}</h3>
        <StateMark state={standingMark(props.of)} />
        <Show when={props.of.since}>
          {(at) => (
            <span class="muted">
              <Since at={at()} />
            </span>
          )}
        </Show>
      </div>
      <Show when={props.of.problem !== null}>
        <Note tone={props.of.state === 'absent' ? 'warn' : 'bad'} title={problemWords(props.of)}>
          <Prose text={sentence(props.of.advice ?? '')} />
          <Show when={props.of.circuitOpen}> It is checked again in some seconds.</Show>
        </Note>
      </Show>
      <Facts
        of={[
          ...backendFacts(props.of),
          ['Keys wrapped', keys()],
          ['Settings', <code>[{props.of.section}]</code>],
          ['Last checked', <Moment at={props.of.checkedAt} />],
        ]}
      />
    </section>
  )
}

/** Has each backend asked now: what is shown otherwise is what the server saw last. */
function CheckNow(props: { reload: () => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const check = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const { health } = await session.act('kms.health', {})
      if (health === 'ok') tell('Every backend can be used.')
      else tell('Not every backend can be used.', 'warn')
      props.reload()
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Acts
        of={[
          {
            label: busy() ? 'Checking …' : 'Check now',
            blocked: access.why('kms.health') ?? (busy() ? 'The check is running.' : null),
            run: () => void check(),
          },
        ]}
      />
    </>
  )
}
