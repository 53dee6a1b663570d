import type { Wire } from '@gatehouse/contract'
import ShieldAlert from 'lucide-solid/icons/shield-alert'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
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
    <Show when={count() !== undefined} fallback="their credentials are revoked;">
      <Show when={count() !== 0} fallback="they hold no credential now;">
        <strong>
          {count() === 1 ? '1 credential' : `${count()} credentials`} ({where()}) {count() === 1 ? 'is' : 'are'} revoked
        </strong>
        ;
      </Show>
    </Show>
  )
}

function UpdateUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.update"
      title={`Change ${props.user.username}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onChange}
      done={(user) => `${user.username} is changed.`}
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
            label="E-mail"
            type="email"
            hint="Left empty, they have none."
            autocomplete="off"
            value={form.values()['email']}
            problem={form.problem('email')}
            onText={form.set('email')}
          />
        </>
      )}
    >
      <p class="muted">The user name stays: the record knows them by it.</p>
    </ActDialog>
  )
}

function DisableUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.disable"
      title={`Disable ${props.user.username}?`}
      verb="Disable"
      look="danger"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.user.id, reason })}
      done={(user) => `${user.username} is shut out.`}
    >
      <p>
        Now, everywhere: all sessions of {props.user.username} end, their API tokens stop working,{' '}
        <Held user={props.user} /> nobody can log in under this name until it is enabled.
      </p>
      <p class="muted">Enabling later lets them log in again; what had ended stays ended.</p>
    </ActDialog>
  )
}

function EnableUser(props: UserActProps): JSX.Element {
  return (
    <ActDialog
      name="user.enable"
      title={`Enable ${props.user.username}?`}
      verb="Enable"
      onClose={props.onClose}
      onDone={props.onChange}
      input={() => ({ id: props.user.id })}
      done={(user) => `${user.username} may log in again.`}
    >
      <p>
        {props.user.username} may log in again with the password and second factor they had. Sessions and credentials
        that had ended stay ended.
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
      done={(user) => `The failed guesses of ${user.username} are forgotten.`}
    >
      <p>
        The failed guesses at the password and codes of {props.user.username} are forgotten, and they may try again at
        once. So may whoever made those guesses: ask {props.user.username} first whether it was them.
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
          done={(user) => `The password of ${user.username} is reset.`}
        >
          <p>
            Now, everywhere: all sessions of {props.user.username} end and their password stops working. You get a
            one-time password for them, shown once; at the next log-in they choose their own. Their second factor stays.
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
      title={`One-time password of ${props.user.username}`}
      closable={taken()}
      onClose={() => {
        if (taken()) props.onClose()
      }}
    >
      <Note tone="warn" icon={<ShieldAlert />} title="It is shown this once.">
        Give it to them in person or by a channel you trust. It works for one log-in.
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
      done={() => `${props.user.username} is deleted.`}
    >
      <p>
        Now, for good: sessions, password, authenticators, backup codes, API tokens, roles and teams of{' '}
        {props.user.username} are removed; <Held user={props.user} /> the record of what they did stays.
      </p>
      <p class="muted">There is no undo. To keep somebody out for a time, disable them instead.</p>
    </ActDialog>
  )
}
