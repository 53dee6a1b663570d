import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import MailCheck from 'lucide-solid/icons/mail-check'
import ShieldAlert from 'lucide-solid/icons/shield-alert'
import { createSignal, Show, type JSX } from 'solid-js'
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
    <Page
      title="Invite a person"
      lead="They get a link, set their own password by it, once, and add a second factor. You never know their password."
    >
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
    emailHint="The link goes there, where mail is set up; else it is shown to you."
    {...(props.initial === undefined ? {} : { initial: props.initial })}
    onDone={(invitation) => props.onDone(invitation)}
  />
)

/** For somebody who has not come in: as he was invited, to be looked at before the next link is made. */
function InviteAgain(props: FormProps & { id: string }): JSX.Element {
  const loaded = createLoaded('user.get', () => ({ id: props.id }))
  return (
    <Answer of={loaded} lines={4}>
      {(user) => (
        <>
          <Note tone="calm" title={`The link that ${user().username} has stops working when a new one is made.`}>
            Look at the address first, if the mail did not arrive.
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
      <h2>{props.invitation.username} is invited</h2>
      <Show
        when={props.invitation.invitationUrl}
        fallback={
          <Note tone="calm" icon={<MailCheck />} title={`The link was sent to ${props.invitation.sentTo ?? 'them'}.`}>
            It works once, until <Moment at={props.invitation.expiresAt} />.
          </Note>
        }
      >
        {(url) => (
          <>
            <Note tone="warn" icon={<ShieldAlert />} title="The link is shown this once.">
              No mail was sent. Give it to them in person or by a channel you trust: whoever opens it first sets the
              password. It ends <Moment at={props.invitation.expiresAt} />.
            </Note>
            <SecretBlock secret={url()} what="invitation link" onTaken={() => setTaken(true)} />
          </>
        )}
      </Show>
      <div class="form-actions">
        <LinkButton href={`/people/users/${props.invitation.id}`}>To {props.invitation.username}</LinkButton>
        <Button
          onClick={() => {
            if (
              taken() ||
              window.confirm('The link has not been taken yet and is never shown again. Go on all the same?')
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
