import { A } from '@solidjs/router'
import { createSignal, type JSX } from 'solid-js'
import { ShieldAlert } from '../../generated/icons.tsx'
import { createNow } from '../../ui/clock.ts'
import { CopyBlock, SecretBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { guardUntaken } from '../../ui/guard-untaken.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts } from '../../ui/panel.tsx'
import { TimeLeft } from '../../ui/time-left.tsx'
import { IssueAgain } from './issue-again.tsx'
import type { Wrapped } from './issued.ts'
import { unwrapCommand } from './material-words.ts'
import { canWords, type Role } from './terms-words.ts'

interface IssuedWrappedProps {
  readonly role: Role
  readonly issued: Wrapped
  readonly onAgain: () => void
}

/** The token of a credential that somebody else opens, once, and what to tell them. */
export function IssuedWrapped(props: IssuedWrappedProps): JSX.Element {
  const [taken, setTaken] = createSignal(false)
  const now = createNow()
  guardUntaken('wrap token', taken)
  return (
    <div class="card stack narrow">
      <div class="row">
        <strong>{props.issued.lease.role}</strong>
        <TimeLeft from={props.issued.lease.issuedAt} to={props.issued.wrap.expiresAt} now={now} />
        <A href={`/access/leases/${props.issued.lease.id}`}>View lease</A>
      </div>
      <section class="stack-tight">
        <h2>1 · Hand over the wrap token</h2>
        <Note tone="warn" icon={<ShieldAlert />} title="It is shown only once, and opens the credential once.">
          Whoever opens it first has the credential. If no one does in time, the credential is revoked.
        </Note>
        <SecretBlock secret={props.issued.wrap.token} what="wrap token" onTaken={() => setTaken(true)} />
      </section>
      <section class="stack-tight">
        <h2>2 · Tell them how to open it</h2>
        <p class="muted">On this page, where no log-in is needed:</p>
        <CopyBlock text={`${location.origin}/unwrap`} what="address of the page that opens it" />
        <p class="muted">Or on the command line, which asks for the token:</p>
        <CopyBlock text={unwrapCommand(props.issued)} what="command that opens it" />
        <p class="muted">
          If they are told that it was opened before and it was not them, revoke the lease: someone else has the
          credential.
        </p>
      </section>
      <Facts
        of={[
          ['Allows', canWords(props.role)],
          ['To be opened until', <ExactMoment at={props.issued.wrap.expiresAt} />],
          ['Valid until', <ExactMoment at={props.issued.lease.expiresAt} />],
          ['Purpose', props.issued.lease.purpose],
        ]}
      />
      <IssueAgain what="wrap token" taken={taken()} onAgain={() => props.onAgain()} />
    </div>
  )
}
