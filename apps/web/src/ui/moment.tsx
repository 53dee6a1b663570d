import { Show, type JSX } from 'solid-js'
import { createNow } from './clock.ts'
import { exactWords, relativeWords, sinceWords } from './time.ts'

/** A moment relative to now; exactly, in the person's zone and in UTC, on hover. */
export function Moment(props: { at: string | null | undefined; none?: string }): JSX.Element {
  const now = createNow()
  return (
    <Show when={props.at} fallback={<span class="muted">{props.none ?? 'never'}</span>}>
      {(at) => (
        <time class="nowrap" datetime={at()} title={exactWords(at())}>
          {relativeWords(at(), now())}
        </time>
      )}
    </Show>
  )
}

/** When something began that still lasts: `since 02:47`; exactly on hover. */
export function Since(props: { at: string }): JSX.Element {
  const now = createNow()
  return (
    <span class="nowrap">
      since{' '}
      <time datetime={props.at} title={exactWords(props.at)}>
        {sinceWords(props.at, now())}
      </time>
    </span>
  )
}

/** A moment relative and exactly, both in text: for details, where there is room. */
export function ExactMoment(props: { at: string | null | undefined; none?: string }): JSX.Element {
  return (
    <Show when={props.at} fallback={<span class="muted">{props.none ?? 'never'}</span>}>
      {(at) => (
        <>
          <Moment at={at()} />
          <span class="muted exact-moment">{exactWords(at())}</span>
        </>
      )}
    </Show>
  )
}
