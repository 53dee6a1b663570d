import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createMemo, For, Match, Show, Switch, type JSX } from 'solid-js'
import { Check, CircleQuestionMark, X } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Note } from '../../ui/feedback.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { sentence } from '../../words.ts'
import { useAccess } from '../answer/use-access.tsx'
import { createPersonNames, createTeamNames } from '../people/person-names.tsx'
import { actualValues, namedRequest, requestIn } from './actual-values.ts'
import {
  clauseWord,
  holdsWord,
  missedWords,
  obligationsWords,
  verdictWords,
  type Condition,
} from './explanation-words.ts'
import { callerWords, shortVersion, thingWords } from './policy-words.ts'
import './explain.css'

type Explained = Wire<'policy.explain'>
type Reason = Explained['reasons'][number]

/**
 * A decision taken apart: by which policies, what came near to a yes, and what would make it one. `recorded`: what was
 * asked stands nowhere else on the page.
 */
export function Explanation(props: { of: Explained; recorded: boolean }): JSX.Element {
  const access = useAccess()
  const receipt = createLoaded('decision.get', () => (access.may('decision.get') ? { id: props.of.decisionId } : null))
  const people = createPersonNames()
  const teams = createTeamNames()
  const request = createMemo(() => {
    const asked = requestIn(receipt.data()?.request ?? null)
    return asked === null ? null : namedRequest(asked, new Map([...people(), ...teams()]))
  })
  const policyOf = (reason: Reason): JSX.Element => (
    <PolicyPart reason={reason} conditions={props.of.conditions} request={request()} />
  )
  return (
    <div class="stack explained">
      <Verdict of={props.of}>
        <Show when={props.recorded && receipt.data()}>
          {(found) => (
            <p>
              <code>{found().action}</code> on {thingWords(found().resource, people())}, by{' '}
              {callerWords(found().principal, people())}, <Moment at={found().at} />
            </p>
          )}
        </Show>
      </Verdict>
      <Show when={props.of.reasons.length > 0}>
        <Section title="Decided by">
          <For each={props.of.reasons}>{policyOf}</For>
        </Section>
      </Show>
      <Show when={props.of.decision === 'deny' && props.of.errors.length === 0}>
        <Section title="What would allow it">
          <WaysToAllow ways={props.of.wouldAllow} />
        </Section>
      </Show>
      <Show when={props.of.nearest.length > 0}>
        <Section title="Permits that come nearest">
          <For each={props.of.nearest}>{policyOf}</For>
        </Section>
      </Show>
      <p class="muted">
        Policy set <code title={props.of.policyVersion}>{shortVersion(props.of.policyVersion)}</code>
        <Show when={access.may('decision.get')}>
          {' · '}
          <A href={`/decisions/${props.of.decisionId}`}>View the recorded decision</A>
        </Show>
      </p>
    </div>
  )
}

function Verdict(props: { of: Explained; children: JSX.Element }): JSX.Element {
  return (
    <>
      <div class="card verdict" role="status">
        <div class="row">
          <StateMark state={props.of.decision} />
          <strong>{verdictWords(props.of)}</strong>
        </div>
        {props.children}
        <For each={obligationsWords(props.of)}>{(sentence) => <p>{sentence}</p>}</For>
      </div>
      <Show when={props.of.errors.length > 0}>
        <Note tone="warn" title="The policies could not be evaluated.">
          <ul>
            <For each={props.of.errors}>{(error) => <li>{sentence(error)}</li>}</For>
          </ul>
        </Note>
      </Show>
      <Show when={props.of.ignored.length > 0}>
        <Note tone="calm" title="Some fields were ignored.">
          The server sets them itself, or the policies have no such field: {props.of.ignored.join(', ')}.
        </Note>
      </Show>
    </>
  )
}

function WaysToAllow(props: { ways: readonly string[] }): JSX.Element {
  return (
    <Show
      when={props.ways.length > 0}
      fallback={<p class="muted">No change to the caller or the circumstances that was tried would allow it.</p>}
    >
      <p class="muted">Each of these alone is enough. Each was tried on the policies.</p>
      <ul class="ways">
        <For each={props.ways}>{(way) => <li>{way.charAt(0).toUpperCase() + way.slice(1)}</li>}</For>
      </ul>
    </Show>
  )
}

type Request = ReturnType<typeof requestIn>

function PolicyPart(props: { reason: Reason; conditions: readonly Condition[]; request: Request }): JSX.Element {
  const own = (): readonly Condition[] => props.conditions.filter(({ policy }) => policy === props.reason.policy)
  return (
    <article class="card policy-part">
      <header class="row">
        <StateMark state={props.reason.effect} />
        <A href={`/policy/${encodeURIComponent(props.reason.policy)}`}>
          <code>{props.reason.policy}</code>
        </A>
        <Show when={own().length > 0}>
          <span class="muted">{missedWords(own())}</span>
        </Show>
      </header>
      <p>{props.reason.doc}</p>
      <Show when={own().length > 0}>
        <ul class="conditions" aria-label={`Conditions of ${props.reason.policy}`}>
          <For each={own()}>{(condition) => <ConditionRow condition={condition} request={props.request} />}</For>
        </ul>
      </Show>
    </article>
  )
}

function ConditionRow(props: { condition: Condition; request: Request }): JSX.Element {
  const values = createMemo(() => (props.request === null ? [] : actualValues(props.condition.text, props.request)))
  return (
    <li class="condition" classList={{ 'condition-missed': !props.condition.met }}>
      <ConditionMark condition={props.condition} />
      <div class="condition-text">
        <code>
          <Show when={clauseWord(props.condition)}>{(word) => <b>{word()} </b>}</Show>
          {props.condition.text}
        </code>
        <For each={values()}>
          {([path, value]) => (
            <span class="condition-value">
              <code>{path}</code> is {value}
            </span>
          )}
        </For>
      </div>
      <span class="condition-holds">{holdsWord(props.condition)}</span>
    </li>
  )
}

function ConditionMark(props: { condition: Condition }): JSX.Element {
  return (
    <span class="condition-mark">
      <Switch
        fallback={
          <>
            <X aria-hidden="true" />
            <span class="visually-hidden">not met: </span>
          </>
        }
      >
        <Match when={props.condition.met}>
          <Check aria-hidden="true" />
          <span class="visually-hidden">met: </span>
        </Match>
        <Match when={props.condition.holds === null}>
          <CircleQuestionMark aria-hidden="true" />
          <span class="visually-hidden">not evaluated: </span>
        </Match>
      </Switch>
    </span>
  )
}
