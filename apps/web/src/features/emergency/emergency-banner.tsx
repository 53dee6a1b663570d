import { A } from '@solidjs/router'
import { createEffect, createSignal, For, on, Show, type Accessor, type JSX } from 'solid-js'
import { durationText } from '@gatehouse/kit'
import { Siren } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { useNotices } from '../../ui/notices.tsx'
import { countdownText, spokenStep } from '../../ui/time.ts'
import { createActiveSessions } from './active-sessions.ts'
import { EndSession } from './end-session.tsx'
import type { Emergency } from './emergency-words.ts'
import type { Ending } from './endings.ts'
import './emergency.css'

/** Says across all screens that an emergency session of the person's own is active, until when, and ends it. */
export function EmergencyBanner(): JSX.Element {
  const session = useSession()
  const active = createActiveSessions()
  const mine = (): readonly Ending<Emergency>[] =>
    active.sessions().filter(({ requester }) => requester === session.me()?.id)
  return <For each={mine()}>{(one) => <Banner session={one} onEnd={() => void active.reload()} />}</For>
}

function Banner(props: { session: Ending<Emergency>; onEnd: () => void }): JSX.Element {
  const now = createNow()
  const end = (): number => Date.parse(props.session.endsAt ?? '')
  const [ending, setEnding] = createSignal(false)
  speakEnd(end, now)
  return (
    <section class="emergency-banner" aria-label="Active emergency session">
      <Siren aria-hidden="true" />
      <p class="emergency-banner-text">
        <A href={`/emergency/sessions/${props.session.id}`}>Emergency access to {props.session.workspaceName}</A>{' '}
        <span>
          for {props.session.incident}, approved by {props.session.approvers.join(' and ')}.
        </span>
      </p>
      <p class="emergency-banner-left">
        <span class="visually-hidden">Ends in </span>
        {countdownText(end() - now())}
      </p>
      <Button look="danger" onClick={() => setEnding(true)}>
        End now
      </Button>
      <Show when={ending()}>
        <EndSession session={props.session} onDone={props.onEnd} onClose={() => setEnding(false)} />
      </Show>
    </section>
  )
}

/** Says aloud, at sensible steps, how long the session still lasts. */
function speakEnd(end: Accessor<number>, now: Accessor<number>): void {
  const { say } = useNotices()
  createEffect(
    on(now, (moment, before) => {
      if (before === undefined) return
      const step = spokenStep(end() - before, end() - moment)
      if (step !== null) say(`Your emergency session ends in ${durationText(step)}.`)
    }),
  )
}
