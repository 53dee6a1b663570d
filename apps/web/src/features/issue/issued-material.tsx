import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Download, ShieldAlert } from '../../generated/icons.tsx'
import { Button } from '../../ui/button.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { saveText } from '../../ui/save-text.ts'
import { TimeLeft } from '../../ui/time-left.tsx'
import { IssueAgain } from './issue-again.tsx'
import { authorityFile, partsOf, runCommandLine, shellLines, tryCommand, type Part } from './material-words.ts'
import { canWords, type Role } from './terms-words.ts'

type Issued = Wire<'lease.issue'>

interface IssuedMaterialProps {
  readonly role: Role
  readonly issued: Issued
  readonly onAgain: () => void
}

/** A credential of a role, once, and how it is used. */
export function IssuedMaterial(props: IssuedMaterialProps): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  const now = createNow()
  guardUntaken('credential', taken)
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>{props.issued.lease.role}</strong>
        <TimeLeft from={props.issued.lease.issuedAt} to={props.issued.lease.expiresAt} now={now} />
        <A href={`/access/leases/${props.issued.lease.id}`}>View lease</A>
      </div>
      <section class="stack-tight">
        <h2>1 · Copy the credential</h2>
        <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once.">
          Gatehouse does not store it. Anyone who has it can use it until it expires.
        </Note>
        <SecretBlock
          secret={shellLines(props.issued.material)}
          what="credential as environment variables"
          onTaken={() => setTaken(true)}
        />
        <Parts of={partsOf(props.issued.material)} onTaken={() => setTaken(true)} />
      </section>
      <Authority pem={props.issued.material.authority} />
      <UseIt issued={props.issued} />
      <Facts
        of={[
          ['Allows', canWords(props.role)],
          ['Valid until', <ExactMoment at={props.issued.lease.expiresAt} />],
          [
            'Renewable until',
            props.issued.lease.renewableUntil === null ? undefined : (
              <ExactMoment at={props.issued.lease.renewableUntil} />
            ),
          ],
          ['Purpose', props.issued.lease.purpose],
        ]}
      />
      <IssueAgain what="credential" taken={taken()} onAgain={() => props.onAgain()} />
    </div>
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
function Authority(props: { pem: string | null }): JSX.Element {
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

function UseIt(props: { issued: Issued }): JSX.Element {
  return (
    <section class="stack-tight">
      <h2>2 · Use it</h2>
      <p class="muted">
        Paste the variables into a terminal. Whatever is started there has the credential.
        <Show when={tryCommand(props.issued) !== null}> To try it:</Show>
      </p>
      <Show when={tryCommand(props.issued)}>
        {(command) => <CopyBlock text={command()} what="command to try it" />}
      </Show>
      <p class="muted">
        Without copying anything: this gives one command a credential of its own, and revokes it when the command ends.
      </p>
      <CopyBlock text={runCommandLine(props.issued)} what="command that needs no copying" />
    </section>
  )
}
