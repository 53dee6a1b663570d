import type { JSX } from 'solid-js'
import { SelectField, TextField } from '../../ui/field.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { durations, kindWords, lockFields, lockInput, lockKinds, type Lock, type LockKind } from './lock-words.ts'

interface CreateLockProps {
  /** What is to be locked, where that is known already. */
  readonly target?: { readonly kind: LockKind; readonly name: string }
  readonly onDone: (lock: Lock) => void
  readonly onClose: () => void
}

const kindOf = (text: string | undefined): LockKind => lockKinds.find((kind) => kind === text) ?? 'principal'
const nothing = Object.fromEntries(lockKinds.map((kind) => [kind, '']))

/** Locks something, after saying what that denies and what it leaves. */
export function CreateLock(props: CreateLockProps): JSX.Element {
  const known = props.target
  return (
    <ActDialog
      name="lock.create"
      title={known === undefined ? 'Create a lock' : `Lock ${known.name}?`}
      verb="Lock"
      look="danger"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{
        ...nothing,
        kind: known?.kind ?? 'principal',
        ...(known === undefined ? {} : { [known.kind]: known.name }),
        duration: '',
        reason: '',
      }}
      input={lockInput}
      done={({ name }) => `${name} is locked.`}
      fields={(form) => {
        const kind = (): LockKind => kindOf(form.values()['kind'])
        return (
          <>
            <SelectField
              label="What to lock"
              value={kind()}
              options={lockKinds.map((one) => [one, kindWords[one]] as const)}
              onText={form.set('kind')}
            />
            <TextField
              label={lockFields[kind()].label}
              hint={lockFields[kind()].hint}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={form.values()[kind()]}
              problem={form.problem(kind())}
              onText={(text) => form.set(kind())(text)}
            />
            <SelectField
              label="How long"
              hint="It ends by itself, on every node at the same moment."
              value={form.values()['duration'] ?? ''}
              options={durations}
              problem={form.problem('ttlSeconds')}
              onText={form.set('duration')}
            />
            <p role="status">{lockFields[kind()].effect}</p>
          </>
        )
      }}
    >
      <p class="muted">
        Credentials that were issued before are not revoked by a lock. To end them as well, revoke the leases.
      </p>
    </ActDialog>
  )
}
