import { A } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { ChangePassword } from '../log-in/change-password.tsx'
import { assuranceWords } from './assurance-words.ts'

/** Who the person is here, and their password. */
export default function Account(): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const changed = (): void => {
    tell('Password changed. Your other sessions have ended.')
    void session.reload()
  }
  return (
    <Page title="Account" lead="Your profile. Only an administrator can change your name, email, roles and teams.">
      <Show when={session.me()}>
        {(me) => (
          <div class="card narrow">
            <Facts
              of={[
                ['User name', me().username],
                ['Name', me().displayName],
                [me().roles.length === 1 ? 'Role' : 'Roles', me().roles.join(', ')],
                ['Teams', me().teams.length === 0 ? 'none' : me().teams.join(', ')],
                ['This session', assuranceWords[me().assurance]],
                ['Verified', <ExactMoment at={me().assuranceAt} />],
                ['Ends if idle', <ExactMoment at={me().sessionIdleExpiresAt} />],
                ['Session ends', <ExactMoment at={me().sessionExpiresAt} />],
              ]}
            />
          </div>
        )}
      </Show>
      <Section title="Password">
        <div class="card narrow stack">
          <p class="muted">
            Changing your password ends your other sessions. Manage your second factors under{' '}
            <A href="/me/authenticators">Authenticators</A>.
          </p>
          <ChangePassword currentLabel="Current password" onDone={changed} />
        </div>
      </Section>
    </Page>
  )
}
