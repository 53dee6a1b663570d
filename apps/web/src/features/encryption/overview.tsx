import { A } from '@solidjs/router'
import { For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Note } from '../../ui/feedback.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Prose } from '../../ui/prose.tsx'
import { counted, sentence } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { keysLeft, openersWords, sealedWord, type Status } from './backend-words.ts'
import { Backends } from './backends.tsx'
import { stateMark } from './key-words.ts'
import './encryption.css'

const askedEveryMs = 30_000

/** What is encrypted under what, as the server finds it: nothing here is known without having been asked. */
export default function EncryptionOverview(): JSX.Element {
  const loaded = createLoaded('kms.status', () => ({}), { everyMs: askedEveryMs })
  return (
    <Page
      title="What is encrypted"
      lead="Every level of keys, from the key encryption keys to the keys of your programs, and its state."
    >
      <Answer of={loaded} lines={6}>
        {(status) => (
          <div class="stack">
            <Warnings of={status().warnings} />
            <Backends />
            <DataKey status={status()} />
            <Keys status={status()} />
          </div>
        )}
      </Answer>
    </Page>
  )
}

function Warnings(props: { of: Status['warnings'] }): JSX.Element {
  return (
    <For each={props.of}>
      {({ message, advice }) => (
        <Note tone="warn" title={sentence(message)}>
          <Prose text={sentence(advice)} />
        </Note>
      )}
    </For>
  )
}

/** What the backends open first: one key of our own, and what of the database lies under it. */
function DataKey(props: { status: Status }): JSX.Element {
  return (
    <Section title="2 · The data key">
      <p>
        {openersWords(props.status)} the data key of this database. It encrypts what Gatehouse itself has to keep
        secret.
      </p>
      <Show when={props.status.sealed.length > 0} fallback={<p class="muted">It has encrypted nothing yet.</p>}>
        <p>Values that it encrypted were found in:</p>
        <ul class="encrypted-list">
          <For each={props.status.sealed}>
            {(one) => (
              <li>
                <Show when={sealedWord(one)}>{(word) => <span>{word()} </span>}</Show>
                <code>
                  {one.table}.{one.column}
                </code>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="muted">What workflows pass through Temporal is encrypted under it too, and cannot be read there.</p>
    </Section>
  )
}

/** Keys that others encrypt under, and what is due of them. */
function Keys(props: { status: Status }): JSX.Element {
  const access = useAccess()
  const all = (): number => keysLeft(props.status)
  return (
    <Section
      title="3 · Encryption keys"
      actions={
        <Show when={access.may('kmsKey.list')}>
          <A href="/encryption/keys">View keys</A>
        </Show>
      }
    >
      <p>
        <Show when={all() > 0} fallback="There are no encryption keys that you can see. ">
          The backends also wrap the material of {counted(all(), 'key')} that you can see.{' '}
        </Show>
        Programs and people encrypt under them; the ciphertexts lie with whoever encrypted, and each key lists where.
      </p>
      <Show when={props.status.keys.length > 0}>
        <p class="row">
          <For each={props.status.keys}>
            {({ state, count }) => (
              <A href={`/encryption/keys?state=${state}`}>
                {count} {stateMark({ state })}
              </A>
            )}
          </For>
        </p>
      </Show>
      <Show when={props.status.rotationsDue > 0}>
        <p>{counted(props.status.rotationsDue, 'rotation')} due now.</p>
      </Show>
      <NextRotations of={props.status.nextRotations} />
    </Section>
  )
}

function NextRotations(props: { of: Status['nextRotations'] }): JSX.Element {
  const names = createWorkspaceNames()
  return (
    <Show when={props.of.length > 0}>
      <h3>Rotated next</h3>
      <ul class="encrypted-list">
        <For each={props.of}>
          {({ id, name, workspace, rotatesAt }) => (
            <li>
              <A href={`/encryption/keys/${id}`}>{name}</A> <Moment at={rotatesAt} />{' '}
              <span class="muted">in {names().get(workspace) ?? workspace}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}
