import { createMemoryHistory, MemoryRouter } from '@solidjs/router'
import { createSignal, For, type JSX } from 'solid-js'
import { render } from 'solid-js/web'
import { Server } from '../../generated/icons.tsx'
import { App } from '../../app.tsx'
import { routes } from '../../routes.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Empty, Note, Skeleton } from '../../ui/feedback.tsx'
import { CodeField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { StateMark } from '../../ui/state.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { forgetCheckpoint } from '../audit/proof/remembered.ts'
import { inMinutes } from './moments.ts'
import { scenarios, standIn, type Scenario } from './stand-in.ts'
import './gallery.css'

const base = '/dev/gallery'
const isScenario = (text: string): text is Scenario => scenarios.some((scenario) => scenario === text)

/**
 * Shows parts and whole screens in all their states, without a server: `/dev/gallery`, or
 * `/dev/gallery/<scenario>/<address>`.
 */
export function startGallery(root: HTMLElement): void {
  const [scenario = '', ...path] = location.pathname.slice(base.length + 1).split('/')
  if (!isScenario(scenario)) return void render(() => <Parts />, root)
  // what the last picture left is no part of this one
  sessionStorage.clear()
  forgetCheckpoint()
  // nobody is there to say where a file shall go
  Reflect.deleteProperty(globalThis, 'showSaveFilePicker')
  globalThis.fetch = standIn(scenario)
  const history = createMemoryHistory()
  history.set({ value: `/${path.join('/')}${location.search}`, scroll: false, replace: true })
  render(
    () => (
      <MemoryRouter root={App} history={history}>
        {routes}
      </MemoryRouter>
    ),
    root,
  )
}

const places = [
  '',
  'access/leases',
  'access/leases/l1',
  'access/leases/l4',
  'access/keys',
  'access/keys/k2',
  'access/certificates',
  'access/hosts',
  'access/hosts/h3',
  'access/register-host',
  'access/import-hosts',
  'access/authority',
  'access/locks',
  'access/locks/lk2',
  'access/issue',
  'access/issue?role=shop-read',
  'access/revoke',
  'access/roles',
  'access/roles/sr1',
  'access/backends',
  'access/backends/sb1',
  'access/configure-backend',
  'encryption/keys',
  'encryption/keys/ek1',
  'encryption/overview',
  'people/users',
  'people/users/u1',
  'people/new',
  'people/invite',
  'people/import',
  'people/teams',
  'people/teams/t1',
  'programs/accounts',
  'programs/accounts/sa1',
  'programs/new-token',
  'approvals',
  'approvals/ap1',
  'security',
  'emergency/requests',
  'emergency/requests/bg1',
  'emergency/new',
  'emergency/sessions',
  'emergency/sessions/es1',
  'emergency/review/es2',
  'emergency/rule',
  'alerts',
  'alerts/al1',
  'incidents',
  'incidents/in1',
  'alert-channels',
  'alert-channels/ch2',
  'new-alert-channel',
  'settings',
  'policy',
  'policy/viewer-read-only',
  'policy-matrix',
  'policy-change',
  'policy-shadow',
  'policy-history',
  'policy-history/pc3',
  'decisions',
  'decisions/d1',
  'record/audit',
  'record/audit/e1197',
  'record/export',
  'record/sinks',
  'record/sinks/pager',
  'workspaces',
  'workspaces/shop',
  'environments',
  'me/authenticators',
  'me/sessions',
  'me/tokens',
  'me/new-token',
  'me/notices',
  'me/account',
  'device',
  'invite',
  'unwrap',
]

function Parts(): JSX.Element {
  return (
    <main class="gallery">
      <h1>Gallery</h1>
      <ScreenLinks />
      <Buttons />
      <States />
      <TimesLeft />
      <Fields />
      <Notes />
      <WaitingAndNothing />
      <ToTake />
    </main>
  )
}

function ScreenLinks(): JSX.Element {
  return (
    <section>
      <h2>Screens</h2>
      <For each={scenarios}>
        {(scenario) => (
          <p class="gallery-links">
            <strong>{scenario}</strong>
            <For each={places}>{(place) => <a href={`${base}/${scenario}/${place}`}>/{place}</a>}</For>
          </p>
        )}
      </For>
    </section>
  )
}

function Buttons(): JSX.Element {
  return (
    <section>
      <h2>Buttons</h2>
      <div class="row">
        <Button look="primary">Issue</Button>
        <Button>Check now</Button>
        <Button look="quiet">Clear</Button>
        <Button look="danger">Revoke</Button>
        <Button busy>Working</Button>
        <Button disabled>Disabled</Button>
      </div>
    </section>
  )
}

const states = [
  'active',
  'pending',
  'revoked',
  'expired',
  'irrevocable',
  'overdue',
  'deployed',
  'generated',
  'removing',
  'reachable',
  'unreachable',
  'never checked',
  'allowed',
  'refused',
  'failed',
  'intent',
  'ok',
  'degraded',
  'down',
  'permit',
  'forbid',
]

function States(): JSX.Element {
  return (
    <section>
      <h2>States</h2>
      <div class="row">
        <For each={states}>{(state) => <StateMark state={state} />}</For>
      </div>
    </section>
  )
}

function TimesLeft(): JSX.Element {
  const now = createNow()
  return (
    <section>
      <h2>Time left</h2>
      <div class="row">
        <TimeLeft from={inMinutes(-10)} to={inMinutes(50)} now={now} />
        <TimeLeft from={inMinutes(-10)} to={inMinutes(3)} now={now} />
        <TimeLeft from={inMinutes(-10)} to={inMinutes(0.6)} now={now} />
        <TimeLeft from={inMinutes(-10)} to={inMinutes(-1)} now={now} />
      </div>
    </section>
  )
}

function Fields(): JSX.Element {
  const [text, setText] = createSignal('')
  return (
    <section class="form narrow">
      <h2>Fields</h2>
      <TextField label="Purpose" hint="Recorded in the audit log." value={text()} onText={setText} />
      <TextField label="Name" problem="Required" value="" onText={setText} />
      <SelectField
        label="Valid for"
        value="a"
        options={[
          ['a', '15 min'],
          ['b', '1 h'],
        ]}
        onText={setText}
      />
      <TextAreaField label="Public key" mono value="ssh-ed25519 AAAA…" onText={setText} />
      <CodeField label="Code" value="123456" onText={setText} />
    </section>
  )
}

function Notes(): JSX.Element {
  return (
    <section class="stack narrow">
      <h2>Notes</h2>
      <Note tone="bad" title="The server is not responding." action={<Button>Try again</Button>}>
        Check your network connection, then try again.
      </Note>
      <Note tone="warn" title="You are offline.">
        Gatehouse reconnects automatically.
      </Note>
      <Note tone="calm" title="Audit log verified: 1199 entries." />
    </section>
  )
}

function WaitingAndNothing(): JSX.Element {
  return (
    <section class="stack narrow">
      <h2>Waiting and nothing</h2>
      <Skeleton />
      <Empty
        title="No hosts yet"
        icon={<Server />}
        action={<Button look="primary">Register the first host</Button>}
        command="gatehouse ssh-host register …"
      >
        Register a machine that runs sshd.
      </Empty>
    </section>
  )
}

function ToTake(): JSX.Element {
  return (
    <section class="stack narrow">
      <h2>To take along</h2>
      <CopyBlock text="npx --no-install gatehouse ssh connect db-1" what="command" />
      <SecretBlock secret="this-is-the-gallery" what="private key" onTaken={() => undefined} />
    </section>
  )
}
