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
                    ? 'No backup codes left.'
                    : `Only ${known().left} of ${known().total} backup codes are left.`
                }
              >
                Generate new codes while you can still log in another way.
              </Note>
            </Show>
            <div class="card narrow row spread">
              <p>
                {known().left} of {known().total} left{' '}
                <span class="muted">
                  · activated <Moment at={known().confirmedAt} />
                </span>
              </p>
              <Button onClick={() => setMaking(true)}>Generate new codes</Button>
            </div>
          </Show>
        )}
      </Answer>
      <Show when={making()}>
        <Dialog open title="New backup codes" class="dialog-wide" onClose={close}>
          <p class="muted">Your old codes work until you activate these by entering one of them.</p>
          <NewBackupCodes
            laterLabel="Cancel"
            onLater={close}
            onDone={(fresh) => {
              tell('The new backup codes are active. The old ones no longer work.')
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
    <Show
      when={props.enrolled}
      fallback={<p class="muted">Backup codes replace a lost authenticator. Add an authenticator first.</p>}
    >
      <Note
        tone="warn"
        title="You have no backup codes."
        action={<Button onClick={() => props.onMake()}>Generate codes</Button>}
      >
        If you lose your authenticator, two administrators have to reset it.
      </Note>
    </Show>
  )
}
