import { Show, type JSX } from 'solid-js'
import { LifeBuoy } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { createNow } from '../../ui/clock.ts'
import { Note } from '../../ui/feedback.tsx'
import { countdownText } from '../../ui/time.ts'

/** As long as the server lets a session that a backup code opened add one authenticator. */
const recoveryMs = 10 * 60_000

/** For who came in by a backup code: what that allows, and for how long. Silent for everybody else. */
export function RecoveryNote(): JSX.Element {
  const sessions = createLoaded('session.list', () => ({ first: 50 }))
  const now = createNow()
  const since = (): string | undefined =>
    sessions
      .data()
      ?.items.find(({ current, methods, assurance }) => current && assurance !== 'su' && methods.includes('backupCode'))
      ?.createdAt
  return (
    <Show when={since()}>
      {(createdAt) => {
        const leftMs = (): number => Date.parse(createdAt()) + recoveryMs - now()
        return (
          <Show
            when={leftMs() > 0}
            fallback={
              <Note tone="warn" icon={<LifeBuoy />} title="You logged in with a backup code.">
                The 10 minutes for adding an authenticator are over. Log out and log in again with another backup code
                or an authenticator.
              </Note>
            }
          >
            <Note tone="warn" icon={<LifeBuoy />} title="You logged in with a backup code.">
              <span aria-hidden="true" class="recovery-left">
                {countdownText(leftMs())}
              </span>{' '}
              <span class="visually-hidden">of 10 minutes</span> left to add a new authenticator. Until then, actions
              that need a second factor are not available. Afterwards, remove the authenticator that you lost.
            </Note>
          </Show>
        )
      }}
    </Show>
  )
}
