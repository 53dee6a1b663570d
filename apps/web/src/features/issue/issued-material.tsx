import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { Authority, Credential } from './credential.tsx'
import { IssueAgain } from './issue-again.tsx'
import { runCommandLine, tryCommand } from './material-words.ts'
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
        <Credential of={props.issued.material} onTaken={() => setTaken(true)} />
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
