import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { BadgeCheck, ShieldAlert } from '../../generated/icons.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { Facts } from '../../ui/panel.tsx'
import { counted } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { keepRemembered, remembered } from './proof/remembered.ts'

type Result = Wire<'audit.verify'>
type Witnesses = Wire<'audit.checkpoint'>['witnesses']

/** Recomputes the whole audit log when asked, against the checkpoint this browser saw last. */
export function Verification(): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [result, setResult] = createSignal<Result>()
  const [witnesses, setWitnesses] = createSignal<Witnesses>([])
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const verify = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const answer = await session.act('audit.verify', { remembered: remembered().checkpoint ?? undefined })
      setResult(answer)
      if (answer.ok) keepRemembered({ checkpoint: answer.checkpoint, publicKey: null })
      if (access.may('audit.checkpoint')) setWitnesses((await session.act('audit.checkpoint', {})).witnesses)
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  const button = (): JSX.Element => (
    <Button busy={busy()} blocked={access.why('audit.verify')} onClick={() => void verify()}>
      {result() === undefined ? 'Verify audit log' : 'Verify again'}
    </Button>
  )
  return (
    <Switch
      fallback={
        <Note tone="calm" icon={<BadgeCheck />} title="Audit log integrity" action={button()}>
          Checks every entry against the signed checkpoint and the last checkpoint that this browser has seen.
        </Note>
      }
    >
      <Match when={error()}>{(problem) => <Problem error={problem()} retry={() => void verify()} />}</Match>
      <Match when={result()}>{(found) => <Verdict result={found()} witnesses={witnesses()} action={button()} />}</Match>
    </Switch>
  )
}

/** Who co-signed, and how far; or since when one does not. */
const witnessWords = ({ name, size, failingSince, lastError }: Witnesses[number]): string =>
  failingSince === null
    ? `${name} has co-signed the first ${size} entries`
    : `${name} does not co-sign: ${lastError ?? 'it gave no reason'}`

function Verdict(props: { result: Result; witnesses: Witnesses; action: JSX.Element }): JSX.Element {
  const entries = (): string => `${props.result.size} ${props.result.size === 1 ? 'entry' : 'entries'}`
  return (
    <Show
      when={!props.result.ok}
      fallback={
        <Note tone="calm" icon={<BadgeCheck />} title={`Audit log verified: ${entries()}.`} action={props.action}>
          <Facts
            of={[
              ['Root', <code>{props.result.root}</code>],
              ['Pending', String(props.result.pending)],
              ['Removed by retention', String(props.result.pruned)],
              ...props.witnesses.map((one): [string, string] => ['Witness', witnessWords(one)]),
            ]}
          />
        </Note>
      }
    >
      <Note
        tone="bad"
        icon={<ShieldAlert />}
        title={`Audit log verification failed: ${counted(props.result.problems.length, 'problem')} in ${entries()}.`}
        action={props.action}
      >
        <ul>
          <For each={props.result.problems}>
            {(problem) => (
              <li>
                {problem.seq === null ? '' : `no. ${problem.seq}: `}
                {problem.message} <code>{problem.kind}</code>
              </li>
            )}
          </For>
        </ul>
        <p>Do not change the database, and contact your security team now.</p>
      </Note>
    </Show>
  )
}
