import { A, useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { CreateLock } from '../locks/create-lock.tsx'
import { invitationWords, standingOf } from './invitation-words.ts'
import { MfaReset } from './mfa-reset.tsx'
import { UserAct, type UserActName } from './user-acts.tsx'
import { UserAuthenticators, UserSessions } from './user-log-in.tsx'
import { UserRoles, UserTeams } from './user-roles.tsx'
import './people.css'

type User = Wire<'user.get'>

/** One person: what is known, and every act of an administrator. */
export default function UserDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('user.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="User" title={loaded.data()?.username ?? 'User'} back="/people/users">
      <Answer of={loaded}>
        {(user) => <UserFacts user={user()} onChange={loaded.put} reload={() => void loaded.reload()} />}
      </Answer>
    </SidePanel>
  )
}

interface UserProps {
  readonly user: User
  readonly onAct: (act: UserActName) => void
}

function UserFacts(props: { user: User; onChange: (user: User) => void; reload: () => void }): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<UserActName | null>(null)
  return (
    <>
      <div class="row">
        <StateMark state={standingOf(props.user, Date.now())} />
        <StateMark state={props.user.hasAuthenticator ? 'enrolled' : 'not enrolled'} />
      </div>
      <Facts
        of={[
          ['Name', props.user.displayName],
          ['Email', props.user.email ?? <span class="muted">none</span>],
          ['Created', <ExactMoment at={props.user.createdAt} />],
          ['Last log-in', <ExactMoment at={props.user.lastLoginAt} />],
          ['ID', <code>{props.user.id}</code>],
        ]}
      />
      <UserInvitation user={props.user} />
      <Acts of={[{ label: 'Edit name or email', blocked: access.why('user.update'), run: () => setAct('update') }]} />
      <UserRoles
        user={props.user}
        blocked={access.whyNone(['role.assign', 'role.remove'], 'change roles')}
        onChange={props.onChange}
      />
      <UserTeams
        user={props.user}
        blocked={access.whyNone(['team.addMember', 'team.removeMember'], 'change team members')}
        reload={props.reload}
      />
      <UserLogIn user={props.user} onAct={setAct} />
      <MfaReset user={props.user} onReset={props.reload} />
      <UserRelated user={props.user} />
      <UserAccountAccess user={props.user} onAct={setAct} />
      <Show keyed when={act()}>
        {(name) => (
          <UserAct
            act={name}
            user={props.user}
            onChange={props.onChange}
            onDeleted={() => navigate('/people/users')}
            onClose={() => setAct(null)}
          />
        )}
      </Show>
    </>
  )
}

function UserInvitation(props: { user: User }): JSX.Element {
  const access = useAccess()
  return (
    <Show when={invitationWords(props.user, Date.now())}>
      {(words) => (
        <PanelSection title="Invitation">
          <p>
            {words()}{' '}
            <Show when={props.user.invitationExpiresAt}>
              {(at) => (
                <>
                  The invitation expires <Moment at={at()} />.
                </>
              )}
            </Show>
          </p>
          <Acts
            of={[
              {
                label: 'Invite again',
                blocked: access.why('user.invite'),
                href: `/people/invite?again=${props.user.id}`,
              },
            ]}
          />
        </PanelSection>
      )}
    </Show>
  )
}

function UserLogIn(props: UserProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const own = (): string | null =>
    session.me()?.id === props.user.id ? 'Change your own password under Account.' : null
  return (
    <PanelSection title="Log-in">
      <UserSessions user={props.user} blocked={access.why('session.revoke')} />
      <UserAuthenticators user={props.user} />
      <Acts
        of={[
          { label: 'Unlock', blocked: access.why('user.unlock'), run: () => props.onAct('unlock') },
          {
            label: 'Reset password',
            blocked: access.why('user.resetPassword') ?? own(),
            run: () => props.onAct('resetPassword'),
          },
        ]}
      />
    </PanelSection>
  )
}

function UserRelated(props: { user: User }): JSX.Element {
  return (
    <PanelSection title="Related">
      <p>
        <A href={`/access/leases?principal=${encodeURIComponent(props.user.username)}`}>
          Credentials of {props.user.username}
        </A>
      </p>
      <p>
        <A href={`/access/revoke?principal=${encodeURIComponent(props.user.username)}`}>Revoke all of them</A>
      </p>
      <p>
        <A href={`/record/audit?actor=${encodeURIComponent(props.user.username)}`}>
          Audit log of {props.user.username}
        </A>
      </p>
    </PanelSection>
  )
}

function UserAccountAccess(props: UserProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [locking, setLocking] = createSignal(false)
  const own = (): string | null =>
    session.me()?.id === props.user.id ? 'You cannot do this to your own account. Ask another administrator.' : null
  return (
    <PanelSection title="Account access">
      <Acts
        of={[
          {
            label: 'Lock account',
            look: 'danger',
            blocked: access.why('lock.create') ?? own(),
            run: () => setLocking(true),
          },
          props.user.status === 'active'
            ? {
                label: 'Disable access',
                look: 'danger',
                blocked: access.why('user.disable') ?? own(),
                run: () => props.onAct('disable'),
              }
            : { label: 'Enable access', blocked: access.why('user.enable'), run: () => props.onAct('enable') },
          {
            label: 'Delete',
            look: 'danger',
            blocked: access.why('user.delete') ?? own(),
            run: () => props.onAct('delete'),
          },
        ]}
      />
      <Show when={locking()}>
        <CreateLock
          target={{ kind: 'principal', name: props.user.username }}
          onDone={() => undefined}
          onClose={() => setLocking(false)}
        />
      </Show>
    </PanelSection>
  )
}
