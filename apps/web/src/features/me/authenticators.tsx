import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import { FingerprintPattern as Fingerprint, Plus, Smartphone, Usb } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { AddAuthenticator } from '../log-in/add-authenticator.tsx'
import { kindWords, makeWords } from './authenticator-words.ts'
import { BackupCodes } from './backup-codes.tsx'
import { RecoveryNote } from './recovery-note.tsx'
import './me.css'

type Authenticator = Wire<'authenticator.list'>['items'][number]
type Doing =
  | { readonly act: 'add' }
  | { readonly act: 'rename' | 'remove'; readonly which: Authenticator }
  | { readonly act: 'disable' }

const icons = { 'authenticator app': Smartphone, passkey: Fingerprint, 'security key': Usb }
const iconOf = (authenticator: Authenticator) =>
  Object.entries(icons).find(([words]) => words === kindWords(authenticator))?.[1] ?? Usb

const columns: readonly Column<Authenticator>[] = [
  {
    title: 'Name',
    rank: 'main',
    cell: (one) => (
      <span class="authenticator-name">
        <Dynamic component={iconOf(one)} aria-hidden="true" />
        {one.name}
        <Show when={!one.confirmed}>
          <StateMark state="pending" />
        </Show>
      </span>
    ),
  },
  { title: 'Kind', cell: (one) => kindWords(one) },
  { title: 'Model', cell: (one) => makeWords(one) || <span class="muted">—</span>, rank: 'late' },
  { title: 'Added', cell: (one) => <Moment at={one.createdAt} />, rank: 'late' },
  { title: 'Last used', cell: (one) => <Moment at={one.lastUsedAt} /> },
]

/** What a person proves themself with: authenticators, and codes for the day they are lost. */
export default function Authenticators(): JSX.Element {
  const [doing, setDoing] = createSignal<Doing | null>(null)
  const list = createLoaded('authenticator.list', () => ({ first: 50 }))
  const status = createLoaded('mfa.status', () => ({}))
  const confirmed = (): number => (list.data()?.items ?? []).filter((one) => one.confirmed).length
  const isLast = (): boolean => confirmed() === 1 && status.data()?.required === true
  const reload = (): void => void Promise.all([list.reload(), status.reload()])
  return (
    <Page
      title="Authenticators"
      lead={
        'Second factors and passkeys for your account. Add at least two, so that you can still log in ' +
        'if you lose one.'
      }
      actions={
        <Button look="primary" icon={<Plus aria-hidden="true" />} onClick={() => setDoing({ act: 'add' })}>
          Add an authenticator
        </Button>
      }
    >
      <RecoveryNote />
      <Section title="Your authenticators">
        <Answer of={list} lines={3}>
          {(page) => (
            <Show when={page().items.length > 0} fallback={<NoAuthenticators />}>
              <AuthenticatorList items={page().items} lastStays={isLast()} onDo={setDoing} />
            </Show>
          )}
        </Answer>
      </Section>
      <Section title="Backup codes">
        <BackupCodes enrolled={confirmed() > 0} />
      </Section>
      <Show when={status.data()?.enrolled === true && status.data()?.required === false}>
        <RemoveAll onRemove={() => setDoing({ act: 'disable' })} />
      </Show>
      <Dialogs doing={doing()} onDone={reload} onClose={() => setDoing(null)} />
    </Page>
  )
}

function NoAuthenticators(): JSX.Element {
  return (
    <Empty title="No authenticators yet" icon={<Fingerprint />} command="npx --no-install gatehouse totp enroll">
      Only your password protects your account. Add a passkey, a security key or an authenticator app.
    </Empty>
  )
}

const lastStaysWords = 'Your role requires an authenticator. Add another one before you remove the last.'

function AuthenticatorList(props: {
  items: readonly Authenticator[]
  /** True where the one that is left may not go. */
  lastStays: boolean
  onDo: (doing: Doing) => void
}): JSX.Element {
  const stays = (one: Authenticator): boolean => one.confirmed && props.lastStays
  return (
    <>
      <DataList
        label="Authenticators"
        items={props.items}
        columns={columns}
        key={({ id }) => id}
        actions={(one) => (
          <span class="row">
            <Button
              class="button-small"
              onClick={() => props.onDo({ act: 'rename', which: one })}
              aria-label={`Rename ${one.name}`}
            >
              Rename
            </Button>
            <Button
              class="button-small"
              disabled={stays(one)}
              title={stays(one) ? lastStaysWords : undefined}
              onClick={() => props.onDo({ act: 'remove', which: one })}
              aria-label={`Remove ${one.name}`}
            >
              Remove
            </Button>
          </span>
        )}
      />
      <Show when={props.lastStays}>
        <p class="muted">{lastStaysWords}</p>
      </Show>
    </>
  )
}

function RemoveAll(props: { onRemove: () => void }): JSX.Element {
  return (
    <Section title="Remove second factor">
      <p class="muted">
        Your role does not require a second factor. Without one, anyone who learns your password can log in as you.
      </p>
      <div class="form-actions">
        <Button onClick={() => props.onRemove()}>Remove all authenticators</Button>
      </div>
    </Section>
  )
}

function Dialogs(props: DialogProps & { doing: Doing | null }): JSX.Element {
  const which = (act: 'rename' | 'remove'): Authenticator | undefined =>
    props.doing !== null && 'which' in props.doing && props.doing.act === act ? props.doing.which : undefined
  return (
    <Switch>
      <Match when={props.doing?.act === 'add'}>
        <AddDialog onDone={props.onDone} onClose={props.onClose} />
      </Match>
      <Match when={which('rename')}>
        {(one) => <RenameDialog which={one()} onDone={props.onDone} onClose={props.onClose} />}
      </Match>
      <Match when={which('remove')}>
        {(one) => <RemoveDialog which={one()} onDone={props.onDone} onClose={props.onClose} />}
      </Match>
      <Match when={props.doing?.act === 'disable'}>
        <DisableDialog onDone={props.onDone} onClose={props.onClose} />
      </Match>
    </Switch>
  )
}

interface DialogProps {
  readonly onDone: () => void
  readonly onClose: () => void
}

function AddDialog(props: DialogProps): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const added = (one: Authenticator): void => {
    tell(`${one.name} added.`)
    props.onDone()
    props.onClose()
    void session.touch()
  }
  return (
    <Dialog open title="Add an authenticator" class="dialog-wide" onClose={props.onClose}>
      <AddAuthenticator onDone={added} />
    </Dialog>
  )
}

function RenameDialog(props: DialogProps & { which: Authenticator }): JSX.Element {
  return (
    <ActDialog
      name="authenticator.rename"
      title={`Rename ${props.which.name}`}
      verb="Rename"
      initial={{ name: props.which.name }}
      input={({ name = '' }) => ({ id: props.which.id, name: name.trim() })}
      onClose={props.onClose}
      onDone={props.onDone}
      done={({ name }) => `Renamed to ${name}.`}
      fields={(form) => (
        <TextField
          label="Name"
          autocomplete="off"
          maxlength={100}
          value={form.values()['name'] ?? ''}
          problem={form.problem('name')}
          onText={form.set('name')}
        />
      )}
    >
      <p class="muted">A name that helps you recognize it.</p>
    </ActDialog>
  )
}

function RemoveDialog(props: DialogProps & { which: Authenticator }): JSX.Element {
  return (
    <ActDialog
      name="authenticator.remove"
      title={`Remove ${props.which.name}?`}
      verb="Remove"
      look="danger"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.which.id, reason })}
      onClose={props.onClose}
      onDone={props.onDone}
      done={() => `${props.which.name} removed.`}
    >
      <p>
        The {kindWords(props.which)} {props.which.name} stops working now. To use it again, add it again.
      </p>
    </ActDialog>
  )
}

function DisableDialog(props: DialogProps): JSX.Element {
  return (
    <ActDialog
      name="mfa.disable"
      title="Remove all authenticators?"
      verb="Remove all"
      look="danger"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ reason })}
      onClose={props.onClose}
      onDone={props.onDone}
      done={({ authenticatorsRemoved }) =>
        `${authenticatorsRemoved} authenticators removed. You now log in with your password only.`
      }
    >
      <p>All your authenticators and backup codes stop working now, and you log in with your password only.</p>
    </ActDialog>
  )
}
