import { A, useParams } from '@solidjs/router'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment, Since } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel, type Fact } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'
import { Ciphertexts } from './ciphertexts.tsx'
import { DeletionGuard, DeletionNote } from './deletion.tsx'
import { KeyActs } from './key-acts.tsx'
import { KeyBackends } from './key-backends.tsx'
import { KeyUsers } from './key-users.tsx'
import { stateDoes, stateMark, type Key, type Usage } from './key-words.ts'
import { ReplaceDialog, ReplaceNotes } from './replace-dialog.tsx'
import { Rotation } from './rotation.tsx'
import { Versions } from './versions.tsx'
import './encryption.css'

const askedEveryMs = 15_000

/** One key: what it may be used for, what still needs which version of it, and the ways to change that. */
export default function EncryptionKeyDetail(): JSX.Element {
  const params = useParams()
  const id = (): string => params['id'] ?? ''
  const loaded = createLoaded('kmsKey.get', () => ({ id: id() }), { everyMs: askedEveryMs })
  const usage = createLoaded('kmsKey.usage', () => ({ key: id() }), { everyMs: askedEveryMs })
  // that nothing answers is said once, by the key's own answer
  return (
    <SidePanel kind="Encryption key" title={loaded.data()?.name ?? 'Key'} back="/encryption/keys" wide>
      <Answer of={loaded}>
        {(key) => (
          <>
            <div class="stack-tight">
              <p class="row">
                <StateMark state={stateMark(key())} />
                <span class="muted">
                  <Since at={key().stateSince} />
                </span>
              </p>
              <p>{stateDoes(key())}</p>
            </div>
            <Answer of={{ ...usage, staleSince: () => null }}>
              {(counts) => (
                // what was asked about one key is not shown under another
                <Show when={key().id} keyed>
                  <KeyParts key={key()} usage={counts()} onDone={loaded.put} />
                </Show>
              )}
            </Answer>
          </>
        )}
      </Answer>
    </SidePanel>
  )
}

const factsOf = (key: Key): readonly Fact[] => [
  ['Workspace', <WorkspaceName id={key.workspace} />],
  ['Encrypts under', key.state === 'enabled' ? `version ${key.currentVersion}` : undefined],
  ['Opens', key.minimumVersion === 1 ? 'every version' : `version ${key.minimumVersion} and newer`],
  ['Created', <ExactMoment at={key.createdAt} />],
  ['ID', <code>{key.id}</code>],
]

function KeyParts(props: { key: Key; usage: Usage; onDone: (key: Key) => void }): JSX.Element {
  const [listed, setListed] = createSignal<number | null>(null)
  const isLeft = (): boolean => props.key.state !== 'destroyed'
  return (
    <>
      <DeletionNote key={props.key} usage={props.usage} />
      <Show when={isLeft()}>
        <ReplaceNotes usage={props.usage} onList={setListed} />
      </Show>
      <KeyActs key={props.key} usage={props.usage} onDone={props.onDone} />
      <Facts of={factsOf(props.key)} />
      <Versions key={props.key} usage={props.usage} onDone={props.onDone} onRevoked={setListed} />
      <Show when={isLeft() && props.key.state !== 'pending-deletion'}>
        <Rotation key={props.key} usage={props.usage} onDone={props.onDone} />
      </Show>
      <Ciphertexts key={props.key} usage={props.usage} />
      <KeyBackends key={props.key} onDone={props.onDone} />
      <Show when={props.key.state === 'enabled'}>
        <PanelSection title="Encrypt under it">
          <p class="muted">From a file or standard input, so that nothing secret stands on a command line or here.</p>
          <CopyBlock
            text={`npx --no-install gatehouse kms encrypt ${props.key.name} password.txt --location config/shop.yaml`}
            what="encrypt command"
          />
        </PanelSection>
      </Show>
      <Show when={isLeft()}>
        <KeyUsers key={props.key} />
      </Show>
      <Show when={isLeft() && props.key.state !== 'pending-deletion'}>
        <DeletionGuard key={props.key} onDone={props.onDone} />
      </Show>
      <PanelSection title="Related">
        <p>
          <A href={`/record/audit?resource=${encodeURIComponent(props.key.id)}`}>Audit log of this key</A>
        </p>
      </PanelSection>
      <Show when={listed()} keyed>
        {(version) => <ReplaceDialog key={props.key} version={version} onClose={() => setListed(null)} />}
      </Show>
    </>
  )
}
