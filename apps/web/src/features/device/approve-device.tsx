import { deviceWords } from '@gatehouse/kit'
import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, onMount, Show, Switch, type JSX } from 'solid-js'
import { CircleCheck, CircleSlash, MonitorCheck, ShieldAlert, TimerOff } from '../../generated/icons.tsx'
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
import './device.css'

type Grant = Wire<'auth.deviceApprove'>

/** Lets a device in that shows a code, or proves a factor for its session: looked at first, then approved or denied. */
export default function ApproveDevice(): JSX.Element {
  const [grant, setGrant] = createSignal<Grant | null>(null)
  return (
    <Page
      title="Authorize device"
      lead={
        'A terminal or another program requests to log in as you or to verify your identity. Enter the ' +
        'code that it shows.'
      }
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
      title: 'No request found for this code.',
      next:
        'Check the code. It may have expired, or someone else has opened it first: start again on the ' +
        'device to get a new code.',
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
        hint="The code that the device shows, for example BCDF-GHJK. Compare it even if you followed a link."
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
          Review request
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
    asks: 'requests to log in as',
    warning: 'the device will be logged in as you.',
    expired: 'No device was authorized.',
    used: ['Device authorized', 'The device is logged in. You can end its session under Sessions.'],
    denied: [
      'Request denied',
      'The device was not logged in. If you did not start this request, tell an administrator.',
    ],
  },
  stepUp: {
    asks: 'requests to verify the identity of',
    warning: 'the device could perform sensitive actions as you.',
    expired: 'The request was not verified.',
    used: ['Identity verified', 'The device continues automatically. You can close this page.'],
    denied: [
      'Request denied',
      'The session on the device is unchanged. If you did not start this request, end that session ' +
        'under Sessions and change your password.',
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
        <Empty title="This code has expired" icon={<TimerOff />} action={again}>
          {words[props.grant.purpose].expired} Start again on the device to get a new code.
        </Empty>
      </Match>
      <Match when={props.grant.state === 'approved'}>
        <Empty title="Device approved" icon={<CircleCheck />} action={again}>
          The device is being logged in as you and continues automatically. You can close this page and manage the
          device under Sessions.
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
          ['Address', <code>{props.grant.address}</code>],
          ['Device', <span title={props.grant.device}>{deviceWords(props.grant.device)}</span>],
          ['Requested', <Moment at={props.grant.requestedAt} />],
          ['Expires in', <TimeLeft from={props.grant.requestedAt} to={props.grant.expiresAt} now={() => props.now} />],
        ]}
      />
      <Note tone="warn" icon={<ShieldAlert />} title="Approve only requests that you have just started yourself.">
        If someone sent you this code or link, deny the request: {words[props.grant.purpose].warning}
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
