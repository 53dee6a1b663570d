import { A, useLocation } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { CircleCheck, Download, FileDown, RefreshCw } from '../../../generated/icons.tsx'
import { Acts } from '../../../ui/acts.tsx'
import { Button, LinkButton } from '../../../ui/button.tsx'
import { Note } from '../../../ui/feedback.tsx'
import { CheckField, SelectField, TextField } from '../../../ui/field.tsx'
import { createFilters } from '../../../ui/filters.tsx'
import { Page, Section } from '../../../ui/page.tsx'
import { saveText } from '../../../ui/save-text.ts'
import { wordsOf } from '../../../words.ts'
import { Problem } from '../../answer/answer.tsx'
import { useAccess } from '../../answer/use-access.tsx'
import { filterNames, searchAsked } from '../entry-search.ts'
import { createExportRun, type ExportRun, type ExportState } from './export-run.ts'
import { canStream, heldBytesMax } from './export-target.ts'
import { fileNameOf, formats, isFormat, manifestNameOf, progressWords, sizeWords, type Format } from './export-words.ts'
import './export.css'

/** Writes what a search of the audit log finds into a file, with a signed manifest. The search is in the URL. */
export default function ExportAudit(): JSX.Element {
  const location = useLocation()
  const run = createExportRun()
  return (
    <Page
      title="Export audit log"
      lead="Writes the entries that the search finds into a file, up to the moment you begin, with a signed manifest."
      actions={<LinkButton href={`/record/audit${location.search}`}>Back to the search</LinkButton>}
    >
      <div class="card narrow stack">
        <Switch fallback={<ExportForm run={run} />}>
          <Match when={stateAt(run, 'running')}>{(state) => <Running state={state()} run={run} />}</Match>
          <Match when={stateAt(run, 'broken')}>{(state) => <Broken state={state()} run={run} />}</Match>
          <Match when={stateAt(run, 'done')}>{(state) => <Done state={state()} />}</Match>
        </Switch>
      </div>
    </Page>
  )
}

type At<K extends ExportState['at']> = Extract<ExportState, { at: K }>

function stateAt<K extends ExportState['at']>(run: ExportRun, at: K): At<K> | undefined {
  const state = run.state()
  return state.at === at ? (state as At<K>) : undefined // by the line before
}

const filterWords: Readonly<Record<string, string>> = { kind: 'show', ip: 'address', requestId: 'request ID' }

function ExportForm(props: { run: ExportRun }): JSX.Element {
  const filters = createFilters()
  const access = useAccess()
  const [format, setFormat] = createSignal<Format>('jsonl')
  const [redact, setRedact] = createSignal(false)
  const start = (): void => {
    // the server checks each filter as it does in a search
    const input = { ...searchAsked(filters), format: format(), redact: redact() } as Raw<'audit.export'>
    void props.run.start(fileNameOf(format(), new Date()), input)
  }
  return (
    <>
      <Show when={stateAt(props.run, 'cancelled')}>
        <Note tone="calm" title="Export cancelled. Nothing was saved." />
      </Show>
      <Show when={stateAt(props.run, 'failed')}>{(state) => <Problem error={state().error} />}</Show>
      <SelectField
        label="Format"
        value={format()}
        options={Object.entries(formats).map(([value, { words }]) => [value, words] as const)}
        onText={(value) => {
          if (isFormat(value)) setFormat(value)
        }}
      />
      <Scope />
      <CheckField
        label="Leave out names, addresses and whatever else says something about a person"
        checked={redact()}
        onCheck={setRedact}
      />
      <Show when={!canStream()}>
        <p class="muted">
          This browser keeps the export in memory until it is complete, at most {sizeWords(heldBytesMax)}. Chrome and
          Edge write to the file as it comes.
        </p>
      </Show>
      <Acts
        of={[
          {
            label: 'Export',
            look: 'primary',
            icon: <FileDown aria-hidden="true" />,
            blocked: access.why('audit.export'),
            run: start,
          },
        ]}
      />
    </>
  )
}

/** What is exported: the period, and the filters that the search was made with. */
function Scope(): JSX.Element {
  const filters = createFilters()
  const set = (): readonly string[] =>
    filterNames.filter((name) => !['from', 'to'].includes(name) && filters.value(name) !== undefined)
  return (
    <>
      <div class="form-columns">
        <TextField
          label="From"
          placeholder="2026-11-23, 7d or 36h"
          hint="Empty: from the first entry."
          autocomplete="off"
          value={filters.value('from') ?? ''}
          onText={(value) => filters.set('from', value.trim())}
        />
        <TextField
          label="To"
          placeholder="2026-11-24"
          hint="Empty: until now."
          autocomplete="off"
          value={filters.value('to') ?? ''}
          onText={(value) => filters.set('to', value.trim())}
        />
      </div>
      <Section title="Filters">
        <Show
          when={set().length > 0}
          fallback={<p class="muted">All entries but reads. Set filters in the audit log, then export from there.</p>}
        >
          <ul class="export-filters">
            <For each={set()}>
              {(name) => (
                <li>
                  <span class="muted">{filterWords[name] ?? name}</span> {filters.value(name)}
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Section>
    </>
  )
}

function Bar(props: { percent: number }): JSX.Element {
  return (
    <progress class="export-bar" max={100} value={props.percent} aria-label="Export progress">
      {props.percent} %
    </progress>
  )
}

function Running(props: { state: At<'running'>; run: ExportRun }): JSX.Element {
  return (
    <>
      <h2>Exporting …</h2>
      <Bar percent={props.state.progress.percent} />
      <p class="spread row">
        <span>{progressWords(props.state.progress)}</span>
        <span class="muted">{props.state.progress.percent} % of the period</span>
      </p>
      <p class="muted">Stay on this page until it is complete. Cancelling saves nothing.</p>
      <div>
        <Button onClick={() => void props.run.cancel()}>Cancel</Button>
      </div>
    </>
  )
}

function Broken(props: { state: At<'broken'>; run: ExportRun }): JSX.Element {
  return (
    <>
      <Note tone="warn" title="The export was interrupted. Nothing is lost.">
        {wordsOf(props.state.error).title} Resume to go on where it stopped.
      </Note>
      <Bar percent={props.state.progress.percent} />
      <p>{progressWords(props.state.progress)}</p>
      <div class="form-actions">
        <Button look="primary" icon={<RefreshCw aria-hidden="true" />} onClick={() => void props.run.resume()}>
          Resume
        </Button>
        <Button onClick={() => void props.run.cancel()}>Cancel</Button>
      </div>
    </>
  )
}

function Done(props: { state: At<'done'> }): JSX.Element {
  const manifestName = (): string => manifestNameOf(props.state.name)
  return (
    <>
      <Note tone="calm" icon={<CircleCheck />} title={`Exported ${progressWords(props.state.progress)}.`}>
        <code>{props.state.name}</code>
      </Note>
      <p>
        Keep the manifest beside the file: it is signed by the audit log's key, and shows later that nothing in the file
        was changed.
      </p>
      <div class="form-actions">
        <Button
          look="primary"
          icon={<Download aria-hidden="true" />}
          onClick={() => saveText(props.state.manifest, manifestName())}
        >
          Save manifest
        </Button>
        <A href="/record/audit">Audit log</A>
      </div>
      <p class="muted">
        To check it: <code>npx --no-install gatehouse audit verify-export {props.state.name}</code>
      </p>
    </>
  )
}
