import { A, useNavigate, useParams } from '@solidjs/router'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Note } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { sentence } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendMark, backendsAsked, diesWords, kindName, whyNotRotated, type Backend } from './backend-words.ts'

/** One backend: where it is, whether it can be used, what may be asked of it. */
export default function BackendDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('secretBackend.list', () => backendsAsked)
  const found = (): Backend | undefined => loaded.data()?.items.find(({ id }) => id === params['id'])
  return (
    <SidePanel kind="Credential backend" title={found()?.name ?? 'Backend'} back="/access/backends">
      <Answer of={loaded}>
        {() => (
          <Show when={found()} fallback={<Note tone="warn" title="There is no such backend, or it was removed." />}>
            {(backend) => <BackendFacts backend={backend()} />}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}

interface BackendProps {
  readonly backend: Backend
}

function BackendFacts(props: BackendProps): JSX.Element {
  return (
    <>
      <div class="row">
        <StateMark state={backendMark(props.backend)} />
      </div>
      <Show when={props.backend.lastError}>
        {(text) => (
          <Note tone="bad" title="The last test failed.">
            {sentence(text())}
          </Note>
        )}
      </Show>
      <TryNow backend={props.backend} />
      <Facts
        of={[
          ['Kind', kindName(props.backend.kind)],
          ['Connection', <code>{props.backend.shown}</code>],
          ['Revocation', diesWords(props.backend)],
          ['Last tested', <ExactMoment at={props.backend.checkedAt} none="never" />],
          ['Added', <ExactMoment at={props.backend.createdAt} />],
          ['ID', <code>{props.backend.id}</code>],
        ]}
      />
      <BackendRoles backend={props.backend} />
      <BackendAdministration backend={props.backend} />
    </>
  )
}

/** Asks the backend now whether it lets Gatehouse make credentials. */
function TryNow(props: BackendProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const { tell } = useNotices()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const probe = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const { name, usable, problem, milliseconds } = await session.act('secretBackend.probe', { id: props.backend.id })
      if (usable) tell(`${name} can be used; it answered in ${milliseconds} ms.`)
      else tell(`${name} cannot be used: ${problem ?? 'it gave no reason'}.`, 'warn')
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <Acts
        of={[
          {
            label: busy() ? 'Testing …' : 'Test now',
            blocked: access.why('secretBackend.probe') ?? (busy() ? 'The test is running.' : null),
            run: () => void probe(),
          },
        ]}
      />
    </>
  )
}

/** What may be asked of it. */
function BackendRoles(props: BackendProps): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('secretRole.list', () =>
    access.may('secretRole.list') ? { ...backendsAsked, backend: props.backend.id } : null,
  )
  return (
    <Show when={access.may('secretRole.list')}>
      <PanelSection title="Roles">
        <Answer of={loaded} lines={2}>
          {(page) => (
            <Show
              when={page().items.length > 0}
              fallback={<p class="muted">None that you can see. A role says what its credentials can do.</p>}
            >
              <ul class="stack-tight">
                <For each={page().items}>
                  {({ id, name }) => (
                    <li>
                      <A href={`/access/roles/${id}`}>{name}</A>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Answer>
        <p>
          <A href={`/access/revoke?backend=${encodeURIComponent(props.backend.name)}`}>Revoke its credentials</A>
        </p>
      </PanelSection>
    </Show>
  )
}

type ActName = 'rotate' | 'remove'

/** Rotates, reconfigures and removes a backend. */
function BackendAdministration(props: BackendProps): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<ActName | null>(null)
  const close = (): void => void setAct(null)
  return (
    <>
      <Acts
        of={[
          {
            label: 'Rotate secret',
            blocked: access.why('secretBackend.rotate') ?? whyNotRotated(props.backend),
            run: () => setAct('rotate'),
          },
          {
            label: 'Change settings',
            blocked: access.why('secretBackend.configure'),
            href: `/access/configure-backend?of=${encodeURIComponent(props.backend.id)}`,
          },
          { label: 'Remove', look: 'danger', blocked: access.why('secretBackend.remove'), run: () => setAct('remove') },
        ]}
      />
      <Switch>
        <Match when={act() === 'rotate'}>
          <RotateBackend backend={props.backend} onClose={close} />
        </Match>
        <Match when={act() === 'remove'}>
          <RemoveBackend backend={props.backend} onClose={close} onRemoved={() => navigate('/access/backends')} />
        </Match>
      </Switch>
    </>
  )
}

function RotateBackend(props: BackendProps & { onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="secretBackend.rotate"
      title={`Rotate the secret of ${props.backend.name}?`}
      verb="Rotate"
      onClose={props.onClose}
      input={() => ({ id: props.backend.id })}
      done={({ name }) => `${name} is now reached with a secret that nobody has seen.`}
    >
      <p>
        Gatehouse replaces the secret that it logs in with at {props.backend.name} by one that it makes itself. Whoever
        knows the old one cannot use it any more. Credentials that were given stay as they are.
      </p>
    </ActDialog>
  )
}

function RemoveBackend(props: BackendProps & { onClose: () => void; onRemoved: () => void }): JSX.Element {
  return (
    <ActDialog
      name="secretBackend.remove"
      title={`Remove ${props.backend.name}?`}
      verb="Remove backend"
      look="danger"
      typed={props.backend.name}
      onClose={props.onClose}
      onDone={() => props.onRemoved()}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.backend.id, reason })}
      done={({ name }) => `${name} removed.`}
    >
      <p>
        Gatehouse forgets how it is reached. Delete its roles and revoke its leases first. Nothing is changed at the
        backend itself: remove the account of Gatehouse there.
      </p>
    </ActDialog>
  )
}
