import { A } from '@solidjs/router'
import { createMemo, For, Match, Show, Switch, type JSX } from 'solid-js'
import { CircleCheck, ExternalLink, KeyRound, Plus } from '../../generated/icons.tsx'
import { createLoaded, type Loaded } from '../../loading.ts'
import type { Wire } from '@gatehouse/contract'
import { useSession } from '../../session.tsx'
import type { CallName } from '../../wire.ts'
import { Acts, type Act } from '../../ui/acts.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty, Note, Skeleton } from '../../ui/feedback.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Prose } from '../../ui/prose.tsx'
import { Problem } from '../answer/answer.tsx'
import { useAccess, type Access } from '../answer/use-access.tsx'
import { LeaseList } from '../leases/lease-list.tsx'
import { isAlive, type Lease } from '../leases/live-leases.ts'
import { useLiveLeases } from '../leases/watching.tsx'
import { partName, type Trouble, troublesOf } from './attention.ts'
import './overview.css'

const statusEveryMs = 15_000
const hostsEveryMs = 30_000
const aliveShownMax = 12

const issueAct = (access: Access): Act => ({
  label: 'Issue a credential',
  href: '/access/issue',
  blocked: access.whyNone(['sshKey.generate', 'sshCertificate.sign'], 'issue credentials'),
})

/** What is alive now and how long it still lives, what is wrong, and what to do next. */
export default function Overview(): JSX.Element {
  const live = useLiveLeases()
  const access = useAccess()
  const now = createNow()
  const asked =
    <T,>(operation: CallName, input: T) =>
    (): T | null =>
      access.may(operation) ? input : null
  const status = createLoaded('system.status', asked('system.status', {}), { everyMs: statusEveryMs })
  const hosts = createLoaded('sshHost.list', asked('sshHost.list', { first: 200 }), { everyMs: hostsEveryMs })
  const policy = createLoaded('policy.status', asked('policy.status', {}), { everyMs: hostsEveryMs })
  const alive = createMemo(() =>
    [...live.leases().values()].filter(isAlive).toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt)),
  )
  const troubles = createMemo(() =>
    troublesOf({
      status: status.data(),
      hosts: hosts.data()?.items ?? [],
      leases: alive(),
      policy: policy.data(),
      now: now(),
    }),
  )
  return (
    <Page
      title="Overview"
      actions={<Acts of={[{ ...issueAct(access), look: 'primary', icon: <Plus aria-hidden="true" /> }]} />}
    >
      <Attention troubles={troubles()} known={status.data() !== undefined || hosts.data() !== undefined} />
      <Unseen
        parts={[
          ['system health', 'system.status', status],
          ['hosts', 'sshHost.list', hosts],
          ['policies', 'policy.status', policy],
        ]}
      />
      <Section
        title={`Active credentials${alive().length === 0 ? '' : ` · ${alive().length}`}`}
        actions={<A href="/access/leases">All leases</A>}
      >
        <Alive leases={alive()} hosts={hosts} now={now} />
      </Section>
      <Parts status={status} />
    </Page>
  )
}

function Attention(props: { troubles: readonly Trouble[]; known: boolean }): JSX.Element {
  return (
    <Show
      when={props.troubles.length > 0}
      fallback={
        <Show when={props.known}>
          <p class="all-well">
            <CircleCheck aria-hidden="true" />
            No action needed.
          </p>
        </Show>
      }
    >
      <Section title="Needs attention">
        <div class="stack-tight">
          <For each={props.troubles}>
            {(trouble) => (
              <Note
                tone={trouble.tone}
                title={trouble.title}
                action={<Show when={trouble.href}>{(href) => <LinkButton href={href()}>View</LinkButton>}</Show>}
              >
                {trouble.text}
              </Note>
            )}
          </For>
        </div>
      </Section>
    </Show>
  )
}

/** What the overview leaves out because it could not be asked: silence must not pass for good news. */
function Unseen(props: {
  parts: readonly (readonly [string, CallName, Pick<Loaded<unknown>, 'data' | 'error' | 'loading'>])[]
}): JSX.Element {
  const access = useAccess()
  const missing = (): readonly string[] =>
    props.parts
      .filter(([, operation, part]) => {
        const failed = part.data() === undefined && part.error() !== undefined && !part.loading()
        return failed || (access.known() && access.why(operation) !== null)
      })
      .map(([name]) => name)
  return (
    <Show when={missing().length > 0}>
      <p class="muted">Not available to you, or not responding: {missing().join(', ')}.</p>
    </Show>
  )
}

function Alive(props: {
  leases: readonly Lease[]
  hosts: Loaded<Wire<'sshHost.list'>>
  now: () => number
}): JSX.Element {
  const session = useSession()
  const live = useLiveLeases()
  const refusal = (): unknown => {
    const state = live.state()
    return state.at === 'refused' ? state.error : undefined
  }
  const mine = (): readonly Lease[] => props.leases.filter(({ principal }) => principal === session.me()?.id)
  const others = (): readonly Lease[] => props.leases.filter(({ principal }) => principal !== session.me()?.id)
  return (
    <Switch fallback={<NextSteps hosts={props.hosts} />}>
      <Match when={refusal()}>{(error) => <Problem error={error()} />}</Match>
      <Match when={live.state().at === 'opening' && props.leases.length === 0}>
        <Skeleton lines={3} />
      </Match>
      <Match when={props.leases.length > 0}>
        <Show when={mine().length > 0}>
          <h3>Yours</h3>
          <LeaseList label="Your active credentials" leases={mine().slice(0, aliveShownMax)} now={props.now} />
        </Show>
        <Show when={others().length > 0}>
          <Show when={mine().length > 0}>
            <h3>Other people</h3>
          </Show>
          <LeaseList
            label="Active credentials of other people"
            leases={others().slice(0, aliveShownMax)}
            now={props.now}
          />
        </Show>
        <Show when={Math.max(mine().length, others().length) > aliveShownMax}>
          <p>
            <A href="/access/leases?state=active">All {props.leases.length} active credentials</A>
          </p>
        </Show>
      </Match>
    </Switch>
  )
}

/** The one thing to do first, from where the person stands. */
function NextSteps(props: { hosts: Loaded<Wire<'sshHost.list'>> }): JSX.Element {
  const access = useAccess()
  const noHosts = (): boolean => props.hosts.data()?.items.length === 0 && access.why('sshHost.register') === null
  return (
    <Show
      when={noHosts()}
      fallback={
        <Empty
          title="No active credentials"
          icon={<KeyRound />}
          action={<Acts of={[issueAct(access)]} />}
          command="npx --no-install gatehouse ssh connect HOST"
        >
          Credentials appear here while they are active, with the time they have left.
        </Empty>
      }
    >
      <ol class="next">
        <li>
          <h3>1 · Register a host</h3>
          <p class="muted">
            A machine that runs sshd. Gatehouse pins its host key and only changes its own lines on it.
          </p>
          <LinkButton look="primary" href="/access/register-host">
            Register a host
          </LinkButton>
        </li>
        <li>
          <h3>2 · Issue a credential</h3>
          <p class="muted">For one host, one purpose and a limited time, here or in a terminal.</p>
          <code>npx --no-install gatehouse ssh connect HOST</code>
        </li>
        <li>
          <h3>3 · See it expire</h3>
          <p class="muted">
            It appears here with the time it has left and in the audit log, and stops working automatically.
          </p>
          <A href="/record/audit">Open the audit log</A>
        </li>
      </ol>
    </Show>
  )
}

function Parts(props: { status: Loaded<Wire<'system.status'>> }): JSX.Element {
  return (
    <Show when={props.status.data()}>
      {(status) => (
        <Section
          title="System health"
          actions={
            <Show when={status().temporalWebUrl}>
              {(url) => (
                <a href={url()} target="_blank" rel="noreferrer">
                  Temporal Web <ExternalLink aria-hidden="true" width="13" height="13" />
                </a>
              )}
            </Show>
          }
        >
          <ul class="parts">
            <For each={status().parts}>
              {(part) => (
                <li>
                  <StateMark state={part.health} />
                  <strong>{partName(part.name)}</strong>
                  <span class="muted">
                    <Prose text={part.message} />
                  </span>
                </li>
              )}
            </For>
          </ul>
        </Section>
      )}
    </Show>
  )
}
