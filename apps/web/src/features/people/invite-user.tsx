import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { MailCheck, ShieldAlert } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { PersonForm, type PersonTexts } from './person-form.tsx'

/** Invites a person: by mail, or by a link that is shown once. */
export default function InviteUser(): JSX.Element {
  const [params, setParams] = useSearchParams<{ again?: string }>()
  const [invited, setInvited] = createSignal<Wire<'user.invite'> | null>(null)
  return (
    <Page title="Invite a person" lead="They get a one-time link to set their own password and add a second factor.">
      <Show
        when={invited()}
        fallback={
          <Show when={params.again} fallback={<InviteForm onDone={setInvited} />}>
            {(id) => <InviteAgain id={id()} onDone={setInvited} />}
          </Show>
        }
      >
        {(invitation) => (
          <Invited
            invitation={invitation()}
            onAgain={() => {
              setParams({ again: null })
              setInvited(null)
            }}
          />
        )}
      </Show>
    </Page>
  )
}

interface FormProps {
  readonly onDone: (invitation: Wire<'user.invite'>) => void
}

const InviteForm = (props: FormProps & { initial?: PersonTexts }): JSX.Element => (
  <PersonForm
    name="user.invite"
    verb="Invite"
    emailHint="The link is sent to this address if email is configured. Otherwise it is shown to you."
    {...(props.initial === undefined ? {} : { initial: props.initial })}
    onDone={(invitation) => props.onDone(invitation)}
  />
)

/** For somebody who has not come in: as they were invited, to be checked before the next link is made. */
function InviteAgain(props: FormProps & { id: string }): JSX.Element {
  const loaded = createLoaded('user.get', () => ({ id: props.id }))
  return (
    <Answer of={loaded} lines={4}>
      {(user) => (
        <>
          <Note tone="calm" title={`The current link of ${user().username} stops working when you create a new one.`}>
            If the email did not arrive, check the address first.
          </Note>
          <InviteForm
            onDone={props.onDone}
            initial={{
              username: user().username,
              displayName: user().displayName,
              email: user().email ?? '',
              role: user().roles[0] ?? 'Viewer',
              teams: user().teams.join(', '),
            }}
          />
        </>
      )}
    </Answer>
  )
}

function Invited(props: { invitation: Wire<'user.invite'>; onAgain: () => void }): JSX.Element {
  const [taken, setTaken] = createSignal(props.invitation.invitationUrl === null)
  guardUntaken('link', taken)
  return (
    <div class="card stack narrow">
      <h2>{props.invitation.username} invited</h2>
      <Show
        when={props.invitation.invitationUrl}
        fallback={
          <Note
            tone="calm"
            icon={<MailCheck />}
            title={`The invitation was sent to ${props.invitation.sentTo ?? 'them'}.`}
          >
            The link works once and expires <Moment at={props.invitation.expiresAt} />.
          </Note>
        }
      >
        {(url) => (
          <>
            <Note tone="warn" icon={<ShieldAlert />} title="The link is shown only once.">
              No email was sent. Give it to them in person or through a channel you trust: whoever opens it first sets
              the password. It expires <Moment at={props.invitation.expiresAt} />.
            </Note>
            <SecretBlock secret={url()} what="invitation link" onTaken={() => setTaken(true)} />
          </>
        )}
      </Show>
      <div class="form-actions">
        <LinkButton href={`/people/users/${props.invitation.id}`}>View {props.invitation.username}</LinkButton>
        <Button
          onClick={() => {
            if (
              taken() ||
              window.confirm('You have not copied the link yet, and it will not be shown again. Continue anyway?')
            )
              props.onAgain()
          }}
        >
          Invite another
        </Button>
      </div>
    </div>
  )
}
