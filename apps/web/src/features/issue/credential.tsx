import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { Download } from '../../generated/icons.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { saveText } from '../../ui/save-text.ts'
import { authorityFile, partsOf, shellLines, type Part } from './material-words.ts'

/** A credential of a role, once: as lines for a shell, and each part by itself. */
export function Credential(props: { of: Wire<'lease.issue'>['material']; onTaken: () => void }): JSX.Element {
  return (
    <>
      <SecretBlock
        secret={shellLines(props.of)}
        what="credential as environment variables"
        onTaken={() => props.onTaken()}
      />
      <Parts of={partsOf(props.of)} onTaken={() => props.onTaken()} />
    </>
  )
}

/** Each part by itself, for who fills in a form with it. */
function Parts(props: { of: readonly Part[]; onTaken: () => void }): JSX.Element {
  return (
    <details class="parts">
      <summary>Each part by itself</summary>
      <For each={props.of}>
        {(part) => (
          <div class="stack-tight">
            <h3>{part.name}</h3>
            <Show when={part.secret} fallback={<CopyBlock text={part.value} what={part.name} />}>
              <SecretBlock secret={part.value} what={part.name} onTaken={() => props.onTaken()} />
            </Show>
          </div>
        )}
      </For>
    </details>
  )
}

/** The certificate by which the server is known, where it is none of those that systems trust. It is no secret. */
export function Authority(props: { pem: string | null }): JSX.Element {
  return (
    <Show when={props.pem}>
      {(pem) => (
        <section class="stack-tight">
          <h2>Save the certificate of the server's authority</h2>
          <p class="muted">The variables name it {authorityFile} in the current directory.</p>
          <div class="row">
            <Button icon={<Download aria-hidden="true" />} onClick={() => saveText(pem(), authorityFile)}>
              Save {authorityFile}
            </Button>
          </div>
        </section>
      )}
    </Show>
  )
}
