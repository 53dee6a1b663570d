import type { Wire } from '@gatehouse/contract'
import { createMemo, createSignal, onCleanup, Show, type Accessor, type JSX } from 'solid-js'
import { CircleCheck, FlaskConical } from '../../generated/icons.tsx'
import { CallRefused } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField } from '../../ui/field.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { numberWords } from '../audit/facet-words.ts'
import { createPersonNames } from '../people/person-names.tsx'
import type { PolicyFile } from './line-diff.ts'
import { callerWords } from './policy-words.ts'
import { WouldBeBy } from './would-be-by.tsx'
import { joined, periods, stretchesOf, type Period } from './simulation-parts.ts'
import './policy.css'

type Simulation = Wire<'policy.simulate'>
type Flip = Simulation['flips'][number]

/** A candidate being tried on recorded decisions. */
export interface SimulationRun {
  readonly result: Accessor<Simulation | null>
  readonly error: Accessor<unknown>
  /** Parts that are done, of how many; null: nothing is running. */
  readonly running: Accessor<{ readonly done: number; readonly of: number } | null>
  /** Whether the result is of the whole period. */
  readonly whole: Accessor<boolean>
  readonly start: (files: readonly PolicyFile[], period: Period) => Promise<boolean>
  readonly stop: () => void
}

/** Tries candidates, a part of the period after the other; true once a whole period went through. */
export function createSimulationRun(): SimulationRun {
  const session = useSession()
  const [result, setResult] = createSignal<Simulation | null>(null)
  const [error, setError] = createSignal<unknown>()
  const [running, setRunning] = createSignal<{ done: number; of: number } | null>(null)
  const [whole, setWhole] = createSignal(false)
  let round = 0
  const stop = (): void => {
    round += 1
    setRunning(null)
  }
  onCleanup(stop)
  const start = async (files: readonly PolicyFile[], period: Period): Promise<boolean> => {
    const mine = (round += 1)
    const stretches = stretchesOf(period, Date.now())
    setResult(null)
    setError(undefined)
    setWhole(false)
    try {
      for (const [done, stretch] of stretches.entries()) {
        setRunning({ done, of: stretches.length })
        const part = await session.act('policy.simulate', { files: [...files], ...stretch })
        if (mine !== round) return false
        setResult((before) => joined(before, part))
      }
      setWhole(true)
      return true
    } catch (problem) {
      if (mine === round) setError(() => problem)
      return false
    } finally {
      if (mine === round) setRunning(null)
    }
  }
  return { result, error, running, whole, start, stop }
}

/** How far a run is, and the way to stop it. */
export function RunProgress(props: { run: SimulationRun }): JSX.Element {
  return (
    <Show when={props.run.running()}>
      {(at) => (
        <Note
          tone="calm"
          icon={<FlaskConical />}
          title={`Making recorded decisions again: part ${at().done + 1} of ${at().of}.`}
          action={<Button onClick={() => props.run.stop()}>Stop</Button>}
        >
          <progress class="run-bar" max={at().of} value={at().done} aria-label="Simulation progress" />
        </Note>
      )}
    </Show>
  )
}

/** What the candidate is no good for: the file, the line and the reason. */
const complaintOf = (error: unknown): string | undefined =>
  error instanceof CallRefused && error.code === 'invalid-input'
    ? error.details.fields?.find(({ path }) => path.startsWith('files'))?.message
    : undefined

/** What a run came to: whether the candidate is valid, and who would gain and lose what. */
export function SimulationResult(props: { run: SimulationRun }): JSX.Element {
  return (
    <>
      <Show when={props.run.error()}>
        {(error) => (
          <Show when={complaintOf(error())} fallback={<Problem error={error()} />}>
            {(message) => (
              <Note tone="bad" title="These policies are not valid. Nothing was changed.">
                {message()}
              </Note>
            )}
          </Show>
        )}
      </Show>
      <Show when={props.run.result()}>{(found) => <Flips found={found()} whole={props.run.whole()} />}</Show>
    </>
  )
}

function Flips(props: { found: Simulation; whole: boolean }): JSX.Element {
  const gains = (): number => props.found.principals.reduce((sum, one) => sum + one.gains, 0)
  const losses = (): number => props.found.principals.reduce((sum, one) => sum + one.losses, 0)
  return (
    <>
      <Show when={props.found.flipped === 0 && props.whole}>
        <Note tone="calm" icon={<CircleCheck />} title="Valid. No recorded decision would change.">
          <Show
            when={props.found.decisions > 0}
            fallback="There are no decisions to replay in this period: only the validity was checked."
          >
            {counted(props.found.decisions, 'decision')} replayed.
          </Show>
        </Note>
      </Show>
      <ul class="tallies" aria-label="Result of the simulation">
        <Tally count={props.found.decisions} name="decisions replayed" />
        <Tally count={gains()} name="newly allowed" tone="warn" />
        <Tally count={losses()} name="newly denied" tone="bad" />
        <Tally count={props.found.notReplayable} name="could not be replayed" />
      </ul>
      <Show when={props.found.flipped > 0}>
        <FlipList found={props.found} />
      </Show>
    </>
  )
}

/** One figure. Its colour says nothing that its name does not. */
export function Tally(props: { count: number; name: string; tone?: 'warn' | 'bad' }): JSX.Element {
  return (
    <li class="tally" classList={{ [`tally-${props.tone}`]: props.tone !== undefined && props.count > 0 }}>
      <span class="tally-count">{numberWords(props.count)}</span>
      <span class="tally-name">{props.name}</span>
    </li>
  )
}

/** Flips that are drawn at once; one principal's are reached by picking them. */
const flipsShown = 100

const flipKey = ({ principal }: { principal: Flip['principal'] }): string => `${principal.type} ${principal.id}`

function FlipList(props: { found: Simulation }): JSX.Element {
  const access = useAccess()
  const names = createPersonNames()
  const [picked, setPicked] = createSignal('')
  const whoOf = (principal: Flip['principal']): string => callerWords(principal, names())
  const fitting = createMemo(() => props.found.flips.filter((flip) => picked() === '' || flipKey(flip) === picked()))
  const columns: readonly Column<Flip>[] = [
    { title: 'Operation', rank: 'main', cell: (flip) => flip.action },
    { title: 'Caller', cell: (flip) => whoOf(flip.principal) },
    { title: 'Change', cell: (flip) => <StateMark state={flip.would === 'allow' ? 'gains' : 'losses'} /> },
    { title: 'By', cell: (flip) => <WouldBeBy policies={flip.wouldBy} errors={flip.errors} /> },
    { title: 'On', cell: (flip) => `${flip.resource.type} ${flip.resource.id}`, rank: 'late' },
    { title: 'Decided', cell: (flip) => <Moment at={flip.at} /> },
  ]
  const href = (flip: Flip): string => `/decisions/${flip.entryId}`
  return (
    <section class="stack" aria-label="Decisions that would change">
      <SelectField
        label="Decisions of"
        value={picked()}
        options={[
          ['', `everyone (${counted(props.found.flipped, 'change')})`],
          ...props.found.principals.map(
            (one) => [flipKey(one), `${whoOf(one.principal)}: ${tallyWords(one)}`] as const,
          ),
        ]}
        onText={setPicked}
      />
      <DataList
        label="Decisions that would change"
        items={fitting().slice(0, flipsShown)}
        columns={columns}
        key={(flip) => flip.entryId}
        {...(access.may('decision.get') ? { href } : {})}
      />
      <Show when={fitting().length > flipsShown || props.found.flipped > props.found.flips.length}>
        <p class="muted">
          Showing {Math.min(flipsShown, fitting().length)} of {numberWords(props.found.flipped)}. Pick a caller to see
          theirs.
        </p>
      </Show>
    </section>
  )
}

const tallyWords = ({ gains, losses }: { gains: number; losses: number }): string =>
  [gains > 0 ? `${gains} newly allowed` : '', losses > 0 ? `${losses} newly denied` : '']
    .filter((part) => part !== '')
    .join(', ')

/** The periods to pick from. */
export const periodOptions = Object.entries(periods).map(([value, { words }]) => [value, words] as const)
