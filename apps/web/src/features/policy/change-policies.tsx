import { useNavigate } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createMemo, createSignal, For, Show, type Accessor, type JSX } from 'solid-js'
import { FolderUp, Upload } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { draftFiles, draftStates, pathOfChosen, policyFilesOf, type Edits } from './draft.ts'
import { fileChanges, type PolicyFile } from './line-diff.ts'
import { shortVersion } from './policy-words.ts'
import { SetDiff } from './set-diff.tsx'
import { createSimulationRun, periodOptions, RunProgress, SimulationResult } from './simulation.tsx'
import { isPeriod, type Period } from './simulation-parts.ts'
import './policy.css'

type Base = Wire<'policy.files'>

/** A draft and the ways to change it. It stays in this tab, so a reload loses nothing that was typed. */
interface Draft {
  readonly edits: Accessor<Edits>
  readonly set: (path: string, text: string | null) => void
  readonly forget: (path: string) => void
  readonly clear: () => void
  /** The set in force when the first edit was made. */
  readonly begunOn: Accessor<string | null>
}

const draftKey = 'gatehouse.policyDraft'

function keptDraft(): { readonly begunOn: string | null; readonly edits: Edits } {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(draftKey) ?? 'null')
    // written below
    return (kept as { begunOn: string; edits: Edits } | null) ?? { begunOn: null, edits: {} }
  } catch {
    return { begunOn: null, edits: {} }
  }
}

function createDraft(base: Accessor<Base>): Draft {
  const [kept, setKept] = createSignal(keptDraft())
  const keep = (edits: Edits): void => {
    const none = Object.keys(edits).length === 0
    const next = { edits, begunOn: none ? null : (kept().begunOn ?? base().version) }
    setKept(next)
    if (none) sessionStorage.removeItem(draftKey)
    else sessionStorage.setItem(draftKey, JSON.stringify(next))
  }
  return {
    edits: () => kept().edits,
    begunOn: () => kept().begunOn,
    set: (path, text) => keep({ ...kept().edits, [path]: text }),
    forget: (path) => {
      const { [path]: _forgotten, ...rest } = kept().edits
      keep(rest)
    },
    clear: () => keep({}),
  }
}

/** Edits a copy of the policies in force, tries it on recorded decisions, and publishes it to every node. */
export default function ChangePolicies(): JSX.Element {
  const loaded = createLoaded('policy.files', () => ({}))
  return (
    <Page
      title="Change policies"
      lead={
        'Edit a copy of the policies in force or upload files, check what would change for whom, then publish to ' +
        'every node.'
      }
      actions={<LinkButton href="/policy-history">History</LinkButton>}
    >
      <Answer of={loaded} lines={8}>
        {(base) => <Workbench base={base} />}
      </Answer>
    </Page>
  )
}

function Workbench(props: { base: Accessor<Base> }): JSX.Element {
  const draft = createDraft(() => props.base())
  const files = createMemo(() => draftFiles(props.base().files, draft.edits()))
  const changed = createMemo(() => fileChanges(props.base().files, files()).length > 0)
  return (
    <>
      <Show when={changed() && draft.begunOn() !== props.base().version}>
        <Note tone="warn" title="The policies in force have changed since you began.">
          Look through the changes below before you publish: a file that you edited replaces what somebody else wrote in
          it.
        </Note>
      </Show>
      <Section title="Draft" actions={<Discard changed={changed()} onDiscard={draft.clear} />}>
        <Editor base={props.base()} draft={draft} />
      </Section>
      <Section title="Changes against the policies in force">
        <Show when={changed()} fallback={<p class="muted">None yet. Edit a file above, or upload some.</p>}>
          <SetDiff before={props.base().files} after={files()} />
        </Show>
      </Section>
      <Check files={files()} changed={changed()} onPublished={draft.clear} />
    </>
  )
}

function Discard(props: { changed: boolean; onDiscard: () => void }): JSX.Element {
  return (
    <Show when={props.changed}>
      <Button look="quiet" onClick={() => props.onDiscard()}>
        Discard changes
      </Button>
    </Show>
  )
}

function Editor(props: { base: Base; draft: Draft }): JSX.Element {
  const states = createMemo(() => draftStates(props.base.files, props.draft.edits()))
  const [picked, setPicked] = createSignal<string>()
  const open = (): string | undefined =>
    states().some(({ path }) => path === picked())
      ? picked()
      : states().find(({ path }) => path.endsWith('.cedar'))?.path
  return (
    <div class="draft">
      <div class="stack-tight">
        <ul class="draft-files" aria-label="Files">
          <For each={states()}>
            {({ path, state }) => (
              <li>
                <button type="button" class="draft-file" aria-pressed={open() === path} onClick={() => setPicked(path)}>
                  <span>{path}</span>
                  <Show when={state !== 'same'}>
                    <StateMark state={`file ${state}`} />
                  </Show>
                </button>
              </li>
            )}
          </For>
        </ul>
        <Uploads base={props.base} draft={props.draft} />
        <NewFile base={props.base} draft={props.draft} onAdded={setPicked} />
      </div>
      <Show when={open()}>{(path) => <FileEditor path={path()} base={props.base} draft={props.draft} />}</Show>
    </div>
  )
}

function FileEditor(props: { path: string; base: Base; draft: Draft }): JSX.Element {
  const before = (): string | undefined => props.base.files.find(({ path }) => path === props.path)?.text
  const edit = (): string | null | undefined => props.draft.edits()[props.path]
  const write = (text: string): void =>
    text === before() ? props.draft.forget(props.path) : props.draft.set(props.path, text)
  const takeOut = (): void =>
    before() === undefined ? props.draft.forget(props.path) : props.draft.set(props.path, null)
  return (
    <div class="draft-editor">
      <Show
        when={edit() !== null}
        fallback={
          <Note
            tone="warn"
            title={`${props.path} would be removed.`}
            action={<Button onClick={() => props.draft.forget(props.path)}>Keep it</Button>}
          />
        }
      >
        <TextAreaField label={props.path} mono rows={20} value={edit() ?? before() ?? ''} onText={write} />
        <div class="form-actions">
          <Show when={edit() !== undefined && before() !== undefined}>
            <Button onClick={() => props.draft.forget(props.path)}>Undo changes of this file</Button>
          </Show>
          <Button onClick={takeOut}>Remove this file</Button>
        </div>
      </Show>
    </div>
  )
}

/** Takes chosen files into the draft; those whose place is not clear are named and left out. */
function Uploads(props: { base: Base; draft: Draft }): JSX.Element {
  const [problems, setProblems] = createSignal<readonly string[]>([])
  const take = async (chosen: FileList | null): Promise<void> => {
    const found: string[] = []
    for (const file of chosen ?? []) {
      const place = pathOfChosen({ name: file.name, folderPath: file.webkitRelativePath }, props.base.files)
      if ('path' in place) props.draft.set(place.path, await file.text())
      else found.push(place.problem)
    }
    setProblems(found)
  }
  return (
    <>
      <div class="form-actions">
        <Chooser label="Upload files" icon={<Upload aria-hidden="true" />} onChosen={take} />
        <Chooser label="Upload a folder" folder icon={<FolderUp aria-hidden="true" />} onChosen={take} />
      </div>
      <Show when={problems().length > 0}>
        <Note tone="warn" title={`${counted(problems().length, 'file')} left out.`}>
          <ul>
            <For each={problems()}>{(problem) => <li>{problem}</li>}</For>
          </ul>
        </Note>
      </Show>
    </>
  )
}

function Chooser(props: {
  label: string
  icon: JSX.Element
  folder?: boolean
  onChosen: (files: FileList | null) => Promise<void>
}): JSX.Element {
  let input: HTMLInputElement | undefined
  return (
    <>
      <input
        type="file"
        hidden
        multiple
        accept={props.folder === true ? undefined : '.cedar,.cedarschema,.manifest'}
        ref={(element) => {
          input = element
          if (props.folder === true) element.webkitdirectory = true
        }}
        aria-label={props.label}
        onChange={(event) => {
          const { currentTarget } = event
          void props.onChosen(currentTarget.files).then(() => {
            currentTarget.value = '' // the same file can be chosen again
          })
        }}
      />
      <Button class="button-small" icon={props.icon} onClick={() => input?.click()}>
        {props.label}
      </Button>
    </>
  )
}

const pathShape = /^(?:[\w-][\w.-]*\/){0,4}[\w-][\w.-]*\.(?:cedar|cedarschema)$/

function NewFile(props: { base: Base; draft: Draft; onAdded: (path: string) => void }): JSX.Element {
  const [path, setPath] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const add = (event: SubmitEvent): void => {
    event.preventDefault()
    const wanted = path().trim()
    if (!pathShape.test(wanted)) return void setProblem('A path such as admin/night-shift.cedar')
    if (draftFiles(props.base.files, props.draft.edits()).some((file) => file.path === wanted))
      return void setProblem('There is a file with this path.')
    props.draft.set(wanted, '')
    props.onAdded(wanted)
    setPath('')
    setProblem(undefined)
  }
  return (
    <form class="stack-tight" onSubmit={add}>
      <TextField
        label="New file"
        placeholder="admin/night-shift.cedar"
        autocomplete="off"
        spellcheck={false}
        value={path()}
        problem={problem()}
        onText={setPath}
      />
      <div>
        <Button type="submit" class="button-small">
          Add file
        </Button>
      </div>
    </form>
  )
}

/** Tries the draft, and publishes exactly what was tried. */
function Check(props: { files: readonly PolicyFile[]; changed: boolean; onPublished: () => void }): JSX.Element {
  const access = useAccess()
  const run = createSimulationRun()
  const [period, setPeriod] = createSignal<Period>('24h')
  const [checked, setChecked] = createSignal<string>()
  const [doing, setDoing] = createSignal<'publish' | 'shadow' | null>(null)
  const fingerprint = createMemo(() => JSON.stringify(props.files))
  const check = async (): Promise<void> => {
    const mine = fingerprint()
    if (await run.start(policyFilesOf(props.files), period())) setChecked(mine)
  }
  const nothing = (): string | null => (props.changed ? null : 'Change something first.')
  const unchecked = (): string | null =>
    checked() === fingerprint() ? null : 'Check the draft as it is now first: it shows who gains and loses access.'
  return (
    <Section title="Check and publish">
      <div class="narrow">
        <SelectField
          label="Make the decisions of this period again"
          value={period()}
          options={periodOptions}
          onText={(value) => {
            if (isPeriod(value)) setPeriod(value)
          }}
        />
      </div>
      <Acts
        of={[
          {
            label: 'Check',
            look: checked() === fingerprint() ? 'plain' : 'primary',
            blocked: nothing() ?? access.why('policy.simulate'),
            run: () => {
              if (run.running() === null) void check()
            },
          },
          {
            label: 'Publish',
            look: checked() === fingerprint() ? 'primary' : 'plain',
            blocked: nothing() ?? access.why('policy.publish') ?? unchecked(),
            run: () => setDoing('publish'),
          },
        ]}
      />
      <RunProgress run={run} />
      <SimulationResult run={run} />
      <Show when={doing() === 'publish'}>
        <Publish
          files={props.files}
          onPublished={props.onPublished}
          losses={run.result()?.principals.reduce((sum, one) => sum + one.losses, 0) ?? 0}
          onClose={() => setDoing(null)}
        />
      </Show>
      <Show when={doing() === 'shadow'}>
        <RunBeside files={props.files} onClose={() => setDoing(null)} />
      </Show>
    </Section>
  )
}

function Publish(props: {
  files: readonly PolicyFile[]
  losses: number
  onPublished: () => void
  onClose: () => void
}): JSX.Element {
  return (
    <ActDialog
      name="policy.publish"
      title="Publish these policies?"
      verb="Publish"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ files: [...props.files], reason })}
      done={({ version }) => `Policy set ${shortVersion(version)} is in force.`}
      onDone={() => props.onPublished()}
      onClose={props.onClose}
    >
      <p>
        {counted(props.files.length, 'file')} replace the policies in force on every node within seconds, until
        something else is published or a policy file changes. You can roll back.
      </p>
      <Show when={props.losses > 0}>
        <p>
          <strong>{counted(props.losses, 'decision')} of the checked period would have been denied.</strong>
        </p>
      </Show>
    </ActDialog>
  )
}

function RunBeside(props: { files: readonly PolicyFile[]; onClose: () => void }): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="policy.shadowPublish"
      title="Run these policies as the shadow set?"
      verb="Run as shadow set"
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ files: [...policyFilesOf(props.files)], reason })}
      done={({ version }) => `Policy set ${shortVersion(version)} runs as the shadow set.`}
      onDone={() => navigate('/policy-shadow')}
      onClose={props.onClose}
    >
      <p>
        They decide beside the policies in force on every node, without effect. A shadow set that runs already is
        replaced, and its report is not kept.
      </p>
    </ActDialog>
  )
}
