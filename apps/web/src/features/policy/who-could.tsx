import { A } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { couldWords } from './explanation-words.ts'
import { callOf, type QuestionDraft } from './question.ts'
import './explain.css'

type Answered = Wire<'policy.whoCould'>

/** Who else could do what is asked about: looked up when a person wants it, for everybody is asked about. */
export function WhoCould(props: { question: QuestionDraft }): JSX.Element {
  const access = useAccess()
  const [asked, setAsked] = createSignal<Raw<'policy.whoCould'> | null>(null)
  const [at, setAt] = createSignal('')
  const loaded = createLoaded('policy.whoCould', asked)
  createEffect(
    on(
      () => callOf(props.question),
      () => setAsked(null),
      { defer: true },
    ),
  )
  const ask = (after: string | undefined): void =>
    void setAsked({ ...callOf(props.question), at: given(at()), ...(after === undefined ? {} : { after }) })
  return (
    <Section title="Who could do this">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          ask(undefined)
        }}
      >
        <TextField
          label="When"
          autocomplete="off"
          placeholder="now"
          hint="A time such as 2026-11-23T08:00:00Z, or how long ago, such as 1d: by the policies and the hour of then."
          value={at()}
          onText={setAt}
        />
        <div class="form-actions">
          <Button type="submit" busy={loaded.loading() && asked() !== null} blocked={access.why('policy.whoCould')}>
            Show who could
          </Button>
        </div>
        <Show when={access.why('policy.whoCould')}>{(why) => <p class="acts-why">{why()}</p>}</Show>
      </form>
      <Show when={asked() !== null}>
        <Answer of={loaded} lines={4}>
          {(answer) => <WhoCouldList of={answer()} past={asked()?.at !== undefined} onNext={ask} />}
        </Answer>
      </Show>
    </Section>
  )
}

/** Those who could, each by which policies and with what more. */
export function WhoCouldList(props: { of: Answered; past: boolean; onNext: (after: string) => void }): JSX.Element {
  return (
    <>
      <p class="muted" role="status">
        {props.of.principals.length} of the {props.of.looked} people and programs asked about could do this
        <Show when={props.past} fallback=".">
          {' '}
          at <Moment at={props.of.at} />, by the policies of then. People, teams and things are those of now.
        </Show>
      </p>
      <Show when={props.of.errors.length > 0}>
        <Note tone="warn" title="Policies could not be asked about some of them.">
          <ul>
            <For each={props.of.errors}>{(error) => <li>{error}</li>}</For>
          </ul>
        </Note>
      </Show>
      <ul class="who-could" aria-label="Who could do this">
        <For each={props.of.principals}>{(one) => <Principal of={one} />}</For>
      </ul>
      <Show when={props.of.next}>
        {(next) => (
          <div class="form-actions">
            <Button onClick={() => props.onNext(next())}>Next people</Button>
          </div>
        )}
      </Show>
    </>
  )
}

function Principal(props: { of: Answered['principals'][number] }): JSX.Element {
  const href = (): string => `${props.of.type === 'User' ? '/people/users' : '/programs/accounts'}/${props.of.id}`
  return (
    <li class="card who-could-one">
      <div class="row">
        <StateMark state={props.of.answer === 'allow' ? 'could' : 'could, with more'} />
        <A href={href()}>{props.of.name}</A>
        <span class="muted">{couldWords(props.of)}</span>
      </div>
      <Show when={props.of.needs.length > 0}>
        <ul class="ways">
          <For each={props.of.needs}>{(way) => <li>{way.charAt(0).toUpperCase() + way.slice(1)}</li>}</For>
        </ul>
      </Show>
      <p class="muted">
        <For each={props.of.policies}>
          {(id, index) => (
            <>
              {index() === 0 ? 'By ' : ', '}
              <A href={`/policy/${encodeURIComponent(id)}`}>
                <code>{id}</code>
              </A>
            </>
          )}
        </For>
      </p>
    </li>
  )
}
