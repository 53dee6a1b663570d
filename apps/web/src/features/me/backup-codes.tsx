import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Answer } from '../answer/answer.tsx'
import { NewBackupCodes } from '../log-in/new-backup-codes.tsx'

/** So few that the next bad day may be the last. */
const lowMax = 3

/** How many backup codes are left, and new ones. */
export function BackupCodes(props: { enrolled: boolean }): JSX.Element {
  const { tell } = useNotices()
  const status = createLoaded('backupCode.status', () => ({}))
  const [making, setMaking] = createSignal(false)
  const close = (): void => {
    setMaking(false)
  }
  return (
    <>
      <Answer of={status} lines={1}>
        {(known) => (
          <Show
            when={known().confirmed}
            fallback={<NoCodes enrolled={props.enrolled} onMake={() => setMaking(true)} />}
          >
            <Show when={known().left <= lowMax}>
              <Note
                tone="warn"
                title={
                  known().left === 0
                    ? 'No backup code is left.'
                    : `Only ${known().left} of ${known().total} backup codes are left.`
                }
              >
                Make new ones while you still can log in otherwise.
              </Note>
            </Show>
            <div class="card narrow row spread">
              <p>
                {known().left} of {known().total} left{' '}
                <span class="muted">
                  · in force since <Moment at={known().confirmedAt} />
                </span>
              </p>
              <Button onClick={() => setMaking(true)}>Make new codes</Button>
            </div>
          </Show>
        )}
      </Answer>
      <Show when={making()}>
        <Dialog open title="New backup codes" class="dialog-wide" onClose={close}>
          <p class="muted">The old ones work until you put these in force by typing one of them.</p>
          <NewBackupCodes
            laterLabel="Cancel"
            onLater={close}
            onDone={(fresh) => {
              tell('The new backup codes are in force; the old ones are dead.')
              status.put(fresh)
              close()
            }}
          />
        </Dialog>
      </Show>
    </>
  )
}

function NoCodes(props: { enrolled: boolean; onMake: () => void }): JSX.Element {
  return (
    <Show when={props.enrolled} fallback={<p class="muted">Codes stand in for an authenticator; add one first.</p>}>
      <Note
        tone="warn"
        title="You have no backup codes."
        action={<Button onClick={() => props.onMake()}>Make ten</Button>}
      >
        If your authenticator is lost, two administrators have to let you in.
      </Note>
    </Show>
  )
}
