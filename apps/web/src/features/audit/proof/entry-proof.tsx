import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import {
  BadgeCheck,
  CircleDashed,
  ShieldAlert,
  ShieldQuestionMark as ShieldQuestion,
} from '../../../generated/icons.tsx'
import { useSession } from '../../../session.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyBlock } from '../../../ui/copy.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Note } from '../../../ui/feedback.tsx'
import { PanelSection } from '../../../ui/panel.tsx'
import { StateMark } from '../../../ui/state.tsx'
import { Problem } from '../../answer/answer.tsx'
import { useAccess } from '../../answer/use-access.tsx'
import { checkEntry, type Check, type Evidence, type Verdict } from './check-entry.ts'
import { forgetCheckpoint, keepRemembered, remembered } from './remembered.ts'
import { parseCheckpoint } from './tree.ts'
import './entry-proof.css'

type Entry = Wire<'audit.get'>

interface Found {
  readonly verdict: Verdict
  readonly evidence: Evidence
}

/** Proves that an entry stands in the audit log, by what this browser computes for itself. */
export function EntryProof(props: { entry: Entry }): JSX.Element {
  const access = useAccess()
  const gather = useEvidence()
  const [found, setFound] = createSignal<Found>()
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const verify = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const evidence = await gather(props.entry)
      const verdict = await checkEntry(evidence)
      if (verdict.keep !== null) keepRemembered(verdict.keep)
      setFound({ evidence, verdict })
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  const button = (): JSX.Element => (
    <Button busy={busy()} blocked={access.why('audit.proof')} onClick={() => void verify()}>
      {found() === undefined ? 'Verify in this browser' : 'Verify again'}
    </Button>
  )
  return (
    <PanelSection title="Proof">
      <Switch fallback={<NotYet entry={props.entry} button={button()} />}>
        <Match when={error()}>{(problem) => <Problem error={problem()} retry={() => void verify()} />}</Match>
        <Match when={found()}>
          {(one) => <Outcome found={one()} button={button()} onForget={() => setFound(undefined)} />}
        </Match>
      </Switch>
    </PanelSection>
  )
}

function NotYet(props: { entry: Entry; button: JSX.Element }): JSX.Element {
  return (
    <Show
      when={props.entry.seq !== null}
      fallback={
        <p class="muted">This entry gets its place in the log within seconds. Then it can be proved; refresh to see.</p>
      }
    >
      <p class="muted">
        Checks here, without trusting the server, that the entry stands in the signed log as it is shown.
      </p>
      <div>{props.button}</div>
    </Show>
  )
}

/** Asks for all that a check needs; what the person may not see is left out, and said to be. */
function useEvidence(): (entry: Entry) => Promise<Evidence> {
  const session = useSession()
  const access = useAccess()
  return async (entry) => {
    const known = remembered()
    const [proof, checkpoint] = await Promise.all([
      session.act('audit.proof', { id: entry.id }),
      access.may('audit.checkpoint') ? session.act('audit.checkpoint', {}) : null,
    ])
    const before = known.checkpoint === null ? null : parseCheckpoint(known.checkpoint)
    const to = parseCheckpoint(proof.checkpoint)?.size ?? 0
    const asks = before !== null && before.size <= to && access.may('audit.consistency')
    const consistency = asks ? await session.act('audit.consistency', { from: before.size, to }) : null
    return { entry, proof, publicKey: checkpoint?.publicKey ?? null, remembered: known, consistency }
  }
}

const names: Readonly<Record<Check['name'], string>> = {
  signature: 'Signature',
  inclusion: 'Place in the log',
  content: 'Content',
  consistency: 'History',
}
const marks = { passed: 'verified', failed: 'not proved', open: 'not checked' } as const

function Outcome(props: { found: Found; button: JSX.Element; onForget: () => void }): JSX.Element {
  const checks = (): readonly Check[] => props.found.verdict.checks
  const has = (state: Check['state'], of = checks()): boolean => of.some((check) => check.state === state)
  /** A first visit has no history to compare with: all else that could be proved was. */
  const whole = (): boolean =>
    !has(
      'open',
      checks().filter(({ name }) => name !== 'consistency'),
    )
  return (
    <>
      <Switch>
        <Match when={has('failed')}>
          <Note tone="bad" icon={<ShieldAlert />} title="This entry is not proved." action={props.button}>
            Do not rely on it. Do not change the database, and contact your security team now.
          </Note>
        </Match>
        <Match when={whole()}>
          <Note tone="calm" icon={<BadgeCheck />} title="Verified in this browser." action={props.button}>
            The entry stands in the signed audit log as it is shown here.
          </Note>
        </Match>
        <Match when={!whole()}>
          <Note tone="warn" icon={<ShieldQuestion />} title="Partly verified." action={props.button}>
            Nothing is wrong, but not everything could be checked.
          </Note>
        </Match>
      </Switch>
      <ul class="checks" aria-label="What was checked">
        <For each={checks()}>
          {(check) => (
            <li>
              <span class="row">
                <strong>{names[check.name]}</strong>
                <StateMark state={marks[check.state]} />
              </span>
              <span>{check.words}</span>
            </li>
          )}
        </For>
      </ul>
      <Show
        when={checks().some(({ name, state }) => state === 'failed' && ['signature', 'consistency'].includes(name))}
      >
        <ForgetLog onForget={props.onForget} />
      </Show>
      <details>
        <summary>Proof for other tools</summary>
        <CopyBlock text={props.found.evidence.proof.proof} what="proof (C2SP tlog-proof)" />
      </details>
    </>
  )
}

/** The way on where a log was replaced on purpose, such as a trial that was set up anew. */
function ForgetLog(props: { onForget: () => void }): JSX.Element {
  const [asking, setAsking] = createSignal(false)
  const forget = (): void => {
    forgetCheckpoint()
    setAsking(false)
    props.onForget()
  }
  return (
    <>
      <p class="muted">
        Was this Gatehouse set up anew on purpose?{' '}
        <Button look="quiet" class="button-small" onClick={() => setAsking(true)}>
          Forget the log that this browser saw
        </Button>
      </p>
      <Dialog open={asking()} title="Forget the log that this browser saw?" onClose={() => setAsking(false)}>
        <p>
          This browser can then no longer show that entries which it saw before were changed or removed. Only do this if
          you know that the log was replaced, for example because a trial was set up anew.
        </p>
        <div class="form-actions">
          <Button look="danger" icon={<CircleDashed aria-hidden="true" />} onClick={forget}>
            Forget
          </Button>
          <Button onClick={() => setAsking(false)}>Cancel</Button>
        </div>
      </Dialog>
    </>
  )
}
