import { createSignal, For, Match, Switch, type JSX } from 'solid-js'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Title } from '../../ui/title.tsx'
import { AddAuthenticator } from './add-authenticator.tsx'
import { Brand } from './brand.tsx'
import { ChangePassword } from './change-password.tsx'
import { NewBackupCodes } from './new-backup-codes.tsx'
import './log-in.css'

const steps = ['Your password', 'Second factor', 'Backup codes'] as const

/**
 * What must be done before anything else: an own password, then a second factor; then what to do when that one is lost.
 */
export default function FirstSteps(): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const at = (): number => {
    const missing = session.me()?.missing ?? []
    if (missing.includes('passwordChange')) return 0
    return missing.includes('authenticator') ? 1 : 2
  }
  const enrolled = (): void => {
    tell('Second factor added.')
    void session.reload()
  }
  return (
    <main class="log-in">
      <Title of="First steps" />
      <div class="log-in-card log-in-card-wide">
        <div class="row spread">
          <Brand />
          <Button look="quiet" onClick={() => void session.logOut()}>
            Log out
          </Button>
        </div>
        <Progress at={at()} />
        <Switch>
          <Match when={at() === 0}>
            <Heading title="Choose your password">
              You logged in as <strong>{session.me()?.username}</strong> with a one-time password. Choose your own
              password to continue.
            </Heading>
            <ChangePassword currentLabel="One-time password" focus onDone={() => void session.reload()} />
          </Match>
          <Match when={at() === 1}>
            <Heading title="Add your second factor">
              A second factor protects your account even if someone learns your password. You can add more later.
            </Heading>
            <AddAuthenticator onDone={enrolled} />
          </Match>
          <Match when={at() === 2}>
            <BackupStep />
          </Match>
        </Switch>
      </div>
    </main>
  )
}

function Progress(props: { at: number }): JSX.Element {
  return (
    <ol class="steps" aria-label="First steps">
      <For each={steps}>
        {(name, index) => (
          <li aria-current={index() === props.at ? 'step' : undefined} classList={{ 'step-done': index() < props.at }}>
            {index() < props.at ? '✓' : `${index() + 1} ·`} {name}
            <span class="visually-hidden">{index() < props.at ? ', done' : ''}</span>
          </li>
        )}
      </For>
    </ol>
  )
}

function Heading(props: { title: string; children: JSX.Element }): JSX.Element {
  return (
    <div class="stack-tight">
      <h1>{props.title}</h1>
      <p class="muted">{props.children}</p>
    </div>
  )
}

/** The codes are made when the person says so: a set that nobody takes is nothing but a risk. */
function BackupStep(): JSX.Element {
  const session = useSession()
  const [making, setMaking] = createSignal(false)
  return (
    <>
      <Heading title="Save your backup codes">
        If you lose your second factor, you can log in with a backup code. Without backup codes, two administrators have
        to reset your second factor.
      </Heading>
      <Switch
        fallback={
          <div class="form-actions">
            <Button look="primary" onClick={() => setMaking(true)}>
              Generate codes
            </Button>
            <Button onClick={() => session.enter()}>Do it later</Button>
          </div>
        }
      >
        <Match when={making()}>
          <NewBackupCodes laterLabel="Do it later" onLater={() => session.enter()} onDone={() => session.enter()} />
        </Match>
      </Switch>
    </>
  )
}
