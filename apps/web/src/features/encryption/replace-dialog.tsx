import { createResource, For, Show, type JSX } from 'solid-js'
import { Download } from '../../generated/icons.tsx'
import { call } from '../../api.ts'
import { Button } from '../../ui/button.tsx'
import { CopyBlock, CopyButton } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note, Skeleton } from '../../ui/feedback.tsx'
import { saveText } from '../../ui/save-text.ts'
import { settled } from '../../ui/settled.ts'
import { counted } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { ciphertextsWords, locationWords, toReplace, type Key, type Usage } from './key-words.ts'
import { ciphertextsOf, listedMax, listText, type ToReplace } from './replace-list.ts'

/** Versions that others may know, for as long as something of them has to be replaced. */
export function ReplaceNotes(props: { usage: Usage; onList: (version: number) => void }): JSX.Element {
  return (
    <For each={toReplace(props.usage)}>
      {({ version, ciphertexts }) => (
        <Note
          tone="bad"
          title={`Version ${version} is revoked, and ${counted(ciphertexts, 'ciphertext')} of it ${
            ciphertexts === 1 ? 'has' : 'have'
          } to be replaced.`}
          action={<Button onClick={() => props.onList(version)}>List version {version}</Button>}
        >
          Others may know what {ciphertexts === 1 ? 'it holds' : 'they hold'}.
        </Note>
      )}
    </For>
  )
}

/** More lines than this nobody reads in a dialog; the file has all. */
const linesShown = 100

/** What exactly has to be replaced after a version was revoked, to be worked through and to be taken along. */
export function ReplaceDialog(props: { key: Key; version: number; onClose: () => void }): JSX.Element {
  const [found, { refetch }] = createResource(() =>
    ciphertextsOf((input) => call('kmsKey.ciphertexts', input), { id: props.key.id, version: props.version }),
  )
  return (
    <Dialog open title={`To replace: version ${props.version} of ${props.key.name}`} onClose={() => props.onClose()}>
      <div class="stack">
        <Show when={found.error as unknown}>{(error) => <Problem error={error()} retry={() => void refetch()} />}</Show>
        <Show when={found.error === undefined}>
          <Show when={settled(found)} fallback={<Skeleton lines={4} />}>
            {(list) => <ReplaceList key={props.key} version={props.version} list={list()} />}
          </Show>
        </Show>
        <div class="form-actions">
          <Button onClick={() => props.onClose()}>Close</Button>
        </div>
      </div>
    </Dialog>
  )
}

function ReplaceList(props: { key: Key; version: number; list: ToReplace }): JSX.Element {
  const items = (): ToReplace['items'] => props.list.items
  const text = (): string => listText(items())
  return (
    <Show
      when={items().length > 0}
      fallback={<p>Nothing: Gatehouse knows of no ciphertext that needs this version.</p>}
    >
      <ol class="replace-steps">
        <li>Change what each of these holds: a password, a token. Who knows the version can read it.</li>
        <li>Encrypt the new value. It is encrypted under the current version.</li>
        <li>Forget the old ciphertext, which is then no longer counted.</li>
      </ol>
      <ul class="replace-list" tabindex="0" aria-label="Ciphertexts to replace">
        <For each={items().slice(0, linesShown)}>{(one) => <li>{locationWords(one)}</li>}</For>
      </ul>
      <Show when={items().length > linesShown}>
        <p class="muted">
          The newest {linesShown} of {ciphertextsWords(items().length)} are shown. The file has all of them.
        </p>
      </Show>
      <Show when={!props.list.complete}>
        <p class="muted">There are more than {listedMax.toLocaleString('en-GB')}. The terminal lists every one:</p>
        <CopyBlock
          text={`npx --no-install gatehouse kms-key ciphertexts ${props.key.name} --version ${props.version} --json`}
          what="list command"
        />
      </Show>
      <div class="form-actions">
        <CopyButton text={text()} what="list" label="Copy list" />
        <Button
          icon={<Download aria-hidden="true" />}
          onClick={() => saveText(text(), `${props.key.name}-version-${props.version}-to-replace.txt`)}
        >
          Download list
        </Button>
      </div>
    </Show>
  )
}
