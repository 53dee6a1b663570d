import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { SecretBlock } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { ActDialog } from '../answer/act-dialog.tsx'

type User = Wire<'user.get'>

/** What an administrator does to a person by a dialog. */
export type UserActName = 'update' | 'disable' | 'enable' | 'unlock' | 'resetPassword' | 'delete'

interface UserActProps {
  readonly user: User
  readonly onChange: (user: User) => void
  readonly onClose: () => void
}

/** The dialog of an act on a person. */
export function UserAct(props: UserActProps & { act: UserActName; onDeleted: () => void }): JSX.Element {
  return (
    <Switch>
      <Match when={props.act === 'update'}>
        <UpdateUser {...props} />
      </Match>
      <Match when={props.act === 'disable'}>
        <DisableUser {...props} />
      </Match>
      <Match when={props.act === 'enable'}>
        <EnableUser {...props} />
      </Match>
      <Match when={props.act === 'unlock'}>
        <UnlockUser {...props} />
      </Match>
      <Match when={props.act === 'resetPassword'}>
        <ResetPassword {...props} />
      </Match>
      <Match when={props.act === 'delete'}>
        <DeleteUser user={props.user} onDeleted={props.onDeleted} onClose={props.onClose} />
      </Match>
    </Switch>
  )
}

/** More than a person holds; where it is not known, the dialog says so without a number. */
const heldMax = 200

/** What a person holds that is alive: `3 credentials (deploy@db-1, …) are revoked`. */
function Held(props: { user: User }): JSX.Element {
  const leases = createLoaded('lease.list', () => ({
    first: heldMax,
    principal: props.user.username,
    state: 'active' as const,
  }))
  const count = (): number | undefined => leases.data()?.items.length
  const where = (): string => [...new Set((leases.data()?.items ?? []).map(({ role }) => role))].slice(0, 4).join(', ')
  return (
    <Show when={count() !== undefined} fallback="their credentials are revoked,">
      <Show when={count() !== 0} fallback="they hold no active credentials,">
        <strong>
          {count() === 1 ? '1 credential' : `${count()} credentials`} ({where()}) {count() === 1 ? 'is' : 'are'} revoked
        </strong>
        ,
      </Show>
    </Show>
  )
}

function UpdateUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.update"
      title={`Edit ${props.user.username}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onChange}
      done={(user) => `${user.username} saved.`}
      initial={{ displayName: props.user.displayName, email: props.user.email ?? '' }}
      input={({ displayName, email = '' }) => ({
        id: props.user.id,
        displayName: given(displayName),
        email: email.trim(),
      })}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            autocomplete="off"
            value={form.values()['displayName']}
            problem={form.problem('displayName')}
            onText={form.set('displayName')}
          />
          <TextField
            label="Email"
            type="email"
            hint="Leave empty for none."
            autocomplete="off"
            value={form.values()['email']}
            problem={form.problem('email')}
            onText={form.set('email')}
          />
        </>
      )}
    >
      <p class="muted">The user name cannot be changed, because the audit log refers to it.</p>
    </ActDialog>
  )
}

function DisableUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.disable"
      title={`Disable access for ${props.user.username}?`}
      verb="Disable access"
      look="danger"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.user.id, reason })}
      done={(user) => `Access disabled for ${user.username}.`}
    >
      <p>
        All sessions of {props.user.username} end now, their API tokens stop working, <Held user={props.user} /> and no
        one can log in with this account until access is enabled.
      </p>
      <p class="muted">
        Enabling access later lets them log in again. Ended sessions and revoked credentials stay ended.
      </p>
    </ActDialog>
  )
}

function EnableUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.enable"
      title={`Enable access for ${props.user.username}?`}
      verb="Enable access"
      onClose={props.onClose}
      onDone={props.onChange}
      input={() => ({ id: props.user.id })}
      done={(user) => `Access enabled for ${user.username}.`}
    >
      <p>
        {props.user.username} can log in again with their existing password and second factor. Ended sessions and
        revoked credentials stay ended.
      </p>
    </ActDialog>
  )
}

function UnlockUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.unlock"
      title={`Unlock ${props.user.username}?`}
      verb="Unlock"
      onClose={props.onClose}
      onDone={props.onChange}
      input={() => ({ id: props.user.id })}
      done={(user) => `${user.username} unlocked.`}
    >
      <p>
        The failed log-in attempts of {props.user.username} are reset and they can try again at once. An attacker could,
        too: first ask {props.user.username} whether the attempts were theirs.
      </p>
    </ActDialog>
  )
}

function ResetPassword(props: UserActProps): JSX.Element {
  const [given, setGiven] = createSignal<string | null>(null)
  const done = (answer: Wire<'user.resetPassword'>): void => {
    const { oneTimePassword, ...user } = answer
    setGiven(oneTimePassword)
    props.onChange(user)
  }
  return (
    <Show
      when={given()}
      fallback={
        <ActDialog
          name="user.resetPassword"
          title={`Reset the password of ${props.user.username}?`}
          verb="Reset password"
          look="danger"
          onClose={() => {
            if (given() === null) props.onClose()
          }}
          onDone={done}
          input={() => ({ id: props.user.id })}
          done={(user) => `Password reset for ${user.username}.`}
        >
          <p>
            All sessions of {props.user.username} end now and their password stops working. You get a one-time password
            for them, shown once. At the next log-in they choose a new password. Their second factor stays.
          </p>
        </ActDialog>
      }
    >
      {(secret) => <OneTimePassword user={props.user} secret={secret()} onClose={props.onClose} />}
    </Show>
  )
}

function OneTimePassword(props: { user: User; secret: string; onClose: () => void }): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  return (
    <Dialog
      open
      title={`One-time password for ${props.user.username}`}
      closable={taken()}
      onClose={() => {
        if (taken()) props.onClose()
      }}
    >
      <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once.">
        Give it to them in person or through a channel you trust. It works for one log-in.
      </Note>
      <SecretBlock secret={props.secret} what="one-time password" onTaken={() => setTaken(true)} />
      <div class="form-actions">
        <Button look="primary" disabled={!taken()} onClick={() => props.onClose()}>
          Done
        </Button>
        <Show when={!taken()}>
          <span class="muted">Reveal or copy it first.</span>
        </Show>
      </div>
    </Dialog>
  )
}

function DeleteUser(props: { user: User; onDeleted: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="user.delete"
      title={`Delete ${props.user.username}?`}
      verb="Delete"
      look="danger"
      typed={props.user.username}
      onClose={props.onClose}
      onDone={() => props.onDeleted()}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.user.id, reason })}
      done={() => `${props.user.username} deleted.`}
    >
      <p>
        Sessions, password, authenticators, backup codes, API tokens, roles and team memberships of{' '}
        {props.user.username} are removed now, <Held user={props.user} /> and their entries in the audit log stay.
      </p>
      <p class="muted">This cannot be undone. To block someone temporarily, disable access instead.</p>
    </ActDialog>
  )
}
