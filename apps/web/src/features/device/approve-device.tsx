import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import CircleCheck from 'lucide-solid/icons/circle-check'
import CircleSlash from 'lucide-solid/icons/circle-slash'
import MonitorCheck from 'lucide-solid/icons/monitor-check'
import ShieldAlert from 'lucide-solid/icons/shield-alert'
import TimerOff from 'lucide-solid/icons/timer-off'
import { createSignal, Match, onMount, Show, Switch, type JSX } from 'solid-js'
import { CallRefused, onOurClock } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty, Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { createForm } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { LocalProblem } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { FormError } from '../log-in/form-error.tsx'
import { deviceWords } from '../me/device-words.ts'
import './device.css'

type Grant = Wire<'auth.deviceApprove'>

/** Lets a device in that shows a code, or proves a factor for its session: looked at first, then approved or denied. */
export default function ApproveDevice(): JSX.Element {
  const [grant, setGrant] = createSignal<Grant | null>(null)
  return (
    <Page
      title="Let a device in"
      lead="A terminal or another program asks to be logged in as you, or that you prove yourself for it. It shows a code."
    >
      <Show when={grant()} fallback={<CodeForm onGrant={setGrant} />}>
        {(found) => <Decision grant={found()} onGrant={setGrant} onAgain={() => setGrant(null)} />}
      </Show>
    </Page>
  )
}

/**
 * One answer for a code that was never given, has run out or was looked at by somebody else: nobody learns which codes
 * there are.
 */
function codeProblem(error: unknown): unknown {
  if (!(error instanceof CallRefused) || error.code !== 'not-found') return error
  return new LocalProblem(
    {
      title: 'Nothing waits under this code.',
      next: 'Check each letter. The code may also have run out, or somebody else may have looked at it first: begin anew on the device to get another.',
    },
    { cause: error },
  )
}

function CodeForm(props: { onGrant: (grant: Grant) => void }): JSX.Element {
  const session = useSession()
  const [params] = useSearchParams<{ code?: string; user_code?: string }>()
  const form = createForm({
    name: 'auth.deviceApprove',
    initial: { userCode: params.user_code ?? params.code ?? '' },
    input: ({ userCode = '' }) => ({ userCode: userCode.trim(), decision: 'look' as const }),
    call: session.act,
  })
  let field: HTMLInputElement | undefined
  onMount(() => field?.focus())
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const grant = await form.send()
    if (grant !== null) props.onGrant(grant)
  }
  return (
    <form class="card form narrow" onSubmit={(event) => void submit(event)}>
      <DeviceError error={form.error()} />
      <TextField
        label="Code"
        hint="As the device shows it, such as BCDF-GHJK. Compare it letter by letter, also if a link brought you here."
        class="device-code"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        maxlength={16}
        required
        value={form.values()['userCode'] ?? ''}
        problem={form.problem('userCode')}
        onText={form.set('userCode')}
        ref={(element) => {
          field = element
        }}
      />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()}>
          See what it asks
        </Button>
      </div>
    </form>
  )
}

/** Throttled guesses count down; everything else is told as everywhere. */
function DeviceError(props: { error: unknown }): JSX.Element {
  const throttled = (): boolean => props.error instanceof CallRefused && props.error.code === 'rate-limited'
  return (
    <Show when={props.error}>
      {(error) => (
        <Show when={throttled()} fallback={<Problem error={codeProblem(error())} />}>
          <FormError error={error()} />
        </Show>
      )}
    </Show>
  )
}

/** What is said of a grant, by what it is for. */
const words = {
  login: {
    asks: 'asks to be logged in as',
    warning: 'whoever holds the device will be you.',
    expired: 'Nobody was let in.',
    used: [
      'The device is in',
      'This code has done its work. You find the device under Sessions, and can end it there.',
    ],
    denied: [
      'The device was turned away',
      'Nobody was let in by this code. If you did not start it, somebody may be trying: tell an administrator.',
    ],
  },
  stepUp: {
    asks: 'asks for a fresh proof that it is',
    warning: 'whoever holds the device could do, as you, what takes a fresh proof.',
    expired: 'Nothing was proved.',
    used: [
      'Proved',
      'The session there is as fresh as this one. You can close this page; the device goes on by itself.',
    ],
    denied: [
      'Nothing was proved',
      'The session there stays as it was. If you did not start it, end that session under Sessions and change your password.',
    ],
  },
} as const

function Decision(props: { grant: Grant; onGrant: (grant: Grant) => void; onAgain: () => void }): JSX.Element {
  const now = createNow()
  const over = (): boolean =>
    props.grant.state === 'expired' || (props.grant.state === 'waiting' && now() >= onOurClock(props.grant.expiresAt))
  const again = <Button onClick={() => props.onAgain()}>Enter another code</Button>
  return (
    <Switch>
      <Match when={over()}>
        <Empty title="This code has run out" icon={<TimerOff />} action={again}>
          {words[props.grant.purpose].expired} Begin anew on the device to get another code.
        </Empty>
      </Match>
      <Match when={props.grant.state === 'approved'}>
        <Empty title="The device is being let in" icon={<CircleCheck />} action={again}>
          It is you from now on, for as long as your session here. You can close this page; the device goes on by
          itself, and you find it under Sessions.
        </Empty>
      </Match>
      <Match when={props.grant.state === 'used'}>
        <Empty title={words[props.grant.purpose].used[0]} icon={<MonitorCheck />} action={again}>
          {words[props.grant.purpose].used[1]}
        </Empty>
      </Match>
      <Match when={props.grant.state === 'denied'}>
        <Empty title={words[props.grant.purpose].denied[0]} icon={<CircleSlash />} action={again}>
          {words[props.grant.purpose].denied[1]}
        </Empty>
      </Match>
      <Match when={props.grant.state === 'waiting'}>
        <Waiting {...props} now={now()} />
      </Match>
    </Switch>
  )
}

function Waiting(props: {
  grant: Grant
  now: number
  onGrant: (grant: Grant) => void
  onAgain: () => void
}): JSX.Element {
  const session = useSession()
  const [busy, setBusy] = createSignal<'approve' | 'deny' | null>(null)
  const [error, setError] = createSignal<unknown>()
  let heading: HTMLHeadingElement | undefined
  onMount(() => heading?.focus())
  const decide = async (decision: 'approve' | 'deny'): Promise<void> => {
    setBusy(decision)
    setError(undefined)
    try {
      props.onGrant(await session.act('auth.deviceApprove', { userCode: props.grant.userCode, decision }))
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(null)
    }
  }
  return (
    <div class="card stack narrow">
      <h2
        tabindex="-1"
        class="device-heading"
        ref={(element) => {
          heading = element
        }}
      >
        {props.grant.client} {words[props.grant.purpose].asks} {session.me()?.username}
      </h2>
      <p class="device-shown" aria-label={`Code ${props.grant.userCode}`}>
        {props.grant.userCode}
      </p>
      <Facts
        of={[
          ['Program', props.grant.client],
          ['From', <code>{props.grant.address}</code>],
          ['Device', <span title={props.grant.device}>{deviceWords(props.grant.device)}</span>],
          ['Asked', <Moment at={props.grant.requestedAt} />],
          ['Waits for', <TimeLeft from={props.grant.requestedAt} to={props.grant.expiresAt} now={() => props.now} />],
        ]}
      />
      <Note tone="warn" icon={<ShieldAlert />} title="Approve only what you started yourself, just now.">
        If somebody sent you this code or link, deny it: {words[props.grant.purpose].warning}
      </Note>
      <DeviceError error={error()} />
      <div class="form-actions">
        <Button
          look="primary"
          busy={busy() === 'approve'}
          disabled={busy() !== null}
          onClick={() => void decide('approve')}
        >
          Approve
        </Button>
        <Button busy={busy() === 'deny'} disabled={busy() !== null} onClick={() => void decide('deny')}>
          Deny
        </Button>
        <Button look="quiet" onClick={() => props.onAgain()}>
          Another code
        </Button>
      </div>
    </div>
  )
}
