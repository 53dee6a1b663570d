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
import { whyNotAdminister, whyNotLook, whyNotTo } from '../answer/may.ts'
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

function UserFacts(props: { user: User; onChange: (user: User) => void; reload: () => void }): JSX.Element {
  const session = useSession()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<UserActName | null>(null)
  const why = (): string | null => whyNotAdminister(session.me())
  const look = (): string | null => whyNotLook(session.me(), props.user.id)
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
      <Show when={invitationWords(props.user, Date.now())}>
        {(words) => (
          <PanelSection title="Invitation">
            <p>
              {words()}{' '}
              <Show when={props.user.invitationExpiresAt}>
                {(at) => (
                  <>
                    It expires <Moment at={at()} />.
                  </>
                )}
              </Show>
            </p>
            <Acts of={[{ label: 'Invite again', blocked: why(), href: `/people/invite?again=${props.user.id}` }]} />
          </PanelSection>
        )}
      </Show>
      <Acts of={[{ label: 'Edit name or email', blocked: why(), run: () => setAct('update') }]} />
      <UserRoles user={props.user} blocked={why()} onChange={props.onChange} />
      <UserTeams user={props.user} blocked={why()} reload={props.reload} />
      <PanelSection title="Log-in">
        <Show
          when={look() === null}
          fallback={
            <Acts
              of={[
                { label: 'Show sessions', blocked: look() },
                { label: 'Show authenticators', blocked: look() },
              ]}
            />
          }
        >
          <UserSessions user={props.user} blocked={why()} />
          <UserAuthenticators user={props.user} />
        </Show>
        <Acts
          of={[
            { label: 'Unlock', blocked: why(), run: () => setAct('unlock') },
            {
              label: 'Reset password',
              blocked: whyNotTo(session.me(), props.user.id, 'Change your own password under Account.'),
              run: () => setAct('resetPassword'),
            },
          ]}
        />
      </PanelSection>
      <MfaReset user={props.user} onReset={props.reload} />
      <PanelSection title="Related">
        <p>
          <A href={`/access/leases?principal=${encodeURIComponent(props.user.username)}`}>
            Credentials of {props.user.username}
          </A>
        </p>
        <p>
          <A href={`/record/audit?actor=${encodeURIComponent(props.user.username)}`}>
            Audit log of {props.user.username}
          </A>
        </p>
      </PanelSection>
      <PanelSection title="Account access">
        <Acts
          of={[
            props.user.status === 'active'
              ? {
                  label: 'Disable access',
                  look: 'danger',
                  blocked: whyNotTo(
                    session.me(),
                    props.user.id,
                    'You cannot do this to your own account. Ask another administrator.',
                  ),
                  run: () => setAct('disable'),
                }
              : { label: 'Enable access', blocked: why(), run: () => setAct('enable') },
            {
              label: 'Delete',
              look: 'danger',
              blocked: whyNotTo(
                session.me(),
                props.user.id,
                'You cannot do this to your own account. Ask another administrator.',
              ),
              run: () => setAct('delete'),
            },
          ]}
        />
      </PanelSection>
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
