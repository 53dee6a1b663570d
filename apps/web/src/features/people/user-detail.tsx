import { A, useParams } from '@solidjs/router'
import { type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'

/** One person: roles, teams, and where to look on. */
export default function UserDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('user.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="User" title={loaded.data()?.username ?? 'User'} back="/people/users">
      <Answer of={loaded}>
        {(user) => (
          <>
            <div class="row"><StateMark state={user().status} /><StateMark state={user().hasAuthenticator ? 'enrolled' : 'not enrolled'} /></div>
            <Facts of={[
              ['Name', user().displayName], ['E-mail', user().email ?? undefined], ['Roles', user().roles.join(', ')], ['Teams', user().teams.length === 0 ? 'none' : user().teams.join(', ')],
              ['Created', <ExactMoment at={user().createdAt} />], ['Last log-in', <ExactMoment at={user().lastLoginAt} />], ['Id', <code>{user().id}</code>],
            ]} />
            <PanelSection title="Elsewhere">
              <p><A href={`/access/leases?principal=${encodeURIComponent(user().username)}`}>Credentials of {user().username}</A></p>
              <p><A href={`/record/audit?actor=${encodeURIComponent(user().username)}`}>What {user().username} did</A></p>
            </PanelSection>
          </>
        )}
      </Answer>
    </SidePanel>
  )
}
