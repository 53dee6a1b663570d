import { A } from '@solidjs/router'
import { createResource, For, Match, Show, Switch, type Accessor, type JSX } from 'solid-js'
import { Clock, LockKeyhole, RotateCw, ShieldAlert, WifiOff } from '../../generated/icons.tsx'
import { call, CallRefused, CallUnanswered } from '../../api.ts'
import type { Asked } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Note, Skeleton } from '../../ui/feedback.tsx'
import { settled } from '../../ui/settled.ts'
import { relativeWords } from '../../ui/time.ts'
import { createNow } from '../../ui/clock.ts'
import { Prose } from '../../ui/prose.tsx'
import { actWords, wantsSecondFactor, wordsOf } from '../../words.ts'
import { useAccess } from './use-access.tsx'
import './answer.css'

/**
 * Shows what a query answered, or why it did not: waiting, denied, away, at fault. What is known stays while it is
 * asked again.
 */
export function Answer<T>(props: {
  of: Asked<T>
  lines?: number
  children: (data: Accessor<T>) => JSX.Element
}): JSX.Element {
  return (
    <>
      <Show when={props.of.staleSince() !== null && props.of.data() !== undefined}>
        <StaleNote since={props.of.staleSince() ?? 0} retry={() => void props.of.reload()} />
      </Show>
      <Switch fallback={<Skeleton lines={props.lines ?? 4} />}>
        <Match when={props.of.data()}>{(data) => props.children(data)}</Match>
        <Match when={!props.of.loading() && props.of.error()}>
          {(error) => <Problem error={error()} retry={() => void props.of.reload()} />}
        </Match>
      </Switch>
    </>
  )
}

function StaleNote(props: { since: number; retry: () => void }): JSX.Element {
  const now = createNow()
  return (
    <Note
      tone="warn"
      icon={<WifiOff />}
      title="The server is not responding."
      action={<Button onClick={() => props.retry()}>Try again</Button>}
    >
      Showing data from {relativeWords(new Date(props.since).toISOString(), now())}.
    </Note>
  )
}

/** Why something did not work, in words, with what to do about it. */
export function Problem(props: { error: unknown; retry?: () => void }): JSX.Element {
  const words = (): ReturnType<typeof wordsOf> => wordsOf(props.error)
  const refused = (code: CallRefused['code']): CallRefused | undefined =>
    props.error instanceof CallRefused && props.error.code === code ? props.error : undefined
  return (
    <Switch
      fallback={
        <Note
          tone="bad"
          icon={props.error instanceof CallUnanswered ? <WifiOff /> : undefined}
          title={words().title}
          action={<RetryButton retry={props.retry} />}
        >
          <Prose text={words().next} />
        </Note>
      }
    >
      <Match when={refused('forbidden')}>{(error) => <Denied error={error()} />}</Match>
      <Match when={wantsSecondFactor(props.error) && props.error}>{(error) => <NeedsFactor error={error()} />}</Match>
      <Match when={refused('approval-pending')}>{(error) => <NeedsApproval error={error()} />}</Match>
    </Switch>
  )
}

function RetryButton(props: { retry: (() => void) | undefined }): JSX.Element {
  return (
    <Show when={props.retry}>
      {(retry) => (
        <Button icon={<RotateCw aria-hidden="true" />} onClick={() => retry()()}>
          Try again
        </Button>
      )}
    </Show>
  )
}

/** A no that a fresh code turns into a yes: asked for only when the person wants it. */
function NeedsFactor(props: { error: CallRefused }): JSX.Element {
  const session = useSession()
  return (
    <Note
      tone="warn"
      icon={<LockKeyhole />}
      title={`To ${actWords(props.error)}, verify your identity.`}
      action={
        <Button look="primary" onClick={() => void session.prove(props.error)}>
          Verify now
        </Button>
      }
    >
      Your last second-factor check is too old for this action.
    </Note>
  )
}

/** Not done yet, and nothing wrong: somebody else says yes first, and then the same is done again. */
function NeedsApproval(props: { error: CallRefused }): JSX.Element {
  return (
    <Note
      tone="warn"
      icon={<Clock />}
      title="A second person has to approve this."
      action={
        <Show when={props.error.details.approvalId}>{(id) => <A href={`/approvals/${id()}`}>View request</A>}</Show>
      }
    >
      Nothing was changed yet. Once it is approved, do the same again, with the same reason.
    </Note>
  )
}

/**
 * What the policies that decided say: those in force where the person may read them, else those that we ship, by the
 * same names.
 */
async function wordsOfPolicies(readable: boolean): Promise<Readonly<Record<string, string>>> {
  const inForce = readable ? await call('policy.list', { first: 200 }).catch(() => null) : null
  if (inForce !== null) return Object.fromEntries(inForce.items.map(({ id, doc }) => [id, doc]))
  const { policyWords } = await import('../../generated/policy-words.ts')
  return policyWords
}

function Denied(props: { error: CallRefused }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const ids = (): readonly string[] => props.error.details.policies ?? []
  const [policies] = createResource(
    () => ids().length > 0,
    () => wordsOfPolicies(access.may('policy.list')),
  )
  const docOf = (id: string): string => settled(policies)?.[id] ?? ''
  return (
    <section class="denied" role="alert">
      <ShieldAlert aria-hidden="true" />
      <h2>You don't have permission to {actWords(props.error)}</h2>
      <Show
        when={ids().length > 0}
        fallback={
          <p>
            No policy allows this for your {session.me()?.roles.length === 1 ? 'role' : 'roles'} (
            {session.me()?.roles.join(', ')}).
          </p>
        }
      >
        <p>Denied by:</p>
        <ul>
          <For each={ids()}>
            {(id) => (
              <li>
                <code>{id}</code>
                <Show when={docOf(id)}>{(doc) => <span> — {doc()}</span>}</Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="muted">
        If you need access, ask an administrator and tell them what is shown above. This refusal is in the audit log.
      </p>
      <Show when={props.error.details.decisionId}>
        {(id) => <DecisionId id={id()} explained={access.may('decision.get')} />}
      </Show>
    </section>
  )
}

/** What an administrator finds the denial by; who may look for themselves comes there at once. */
function DecisionId(props: { id: string; explained: boolean }): JSX.Element {
  return (
    <div class="row">
      <span>
        Decision{' '}
        <Show when={props.explained} fallback={<code>{props.id}</code>}>
          <A href={`/policy-explain?decision=${props.id}`}>
            <code>{props.id}</code>
          </A>
        </Show>
      </span>
      <CopyButton text={props.id} what="decision ID" />
    </div>
  )
}
