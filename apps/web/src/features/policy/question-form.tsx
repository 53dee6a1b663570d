import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  createUniqueId,
  For,
  on,
  Show,
  type JSX,
} from 'solid-js'
import type { Blocked } from '../../ui/blocked.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { settled } from '../../ui/settled.ts'
import { useAccess } from '../answer/use-access.tsx'
import {
  inputOf,
  kindOf,
  ofKind,
  strayLines,
  type QuestionDraft,
  type QuestionField,
  type QuestionKind,
} from './question.ts'
import '../../ui/acts.css'
import './explain.css'

/** What is wrong with a question, by the path of its field in the operation's input. */
type Problems = Readonly<Record<string, string>>

const factHint = 'One name=value per line.'
const factNames = ['context', 'properties'] as const

/** Checked by the contract's own schema before it is asked. */
async function problemsOf(draft: QuestionDraft, kind: QuestionKind): Promise<Problems> {
  const missing =
    kind === 'decision'
      ? fieldsMissing(draft, ['decision'])
      : fieldsMissing(draft, ['action', 'type', 'id', ...(draft.principalType === '' ? [] : (['principal'] as const))])
  const stray = factNames.flatMap((field) =>
    strayLines(draft[field]).map((line) => [field, `${line}: write a name and a value, such as force=true`] as const),
  )
  if (missing.length > 0) return Object.fromEntries([...missing, ...stray])
  const { fieldsOf } = await import('../../validation.ts')
  const wrong = fieldsOf('policy.explain', inputOf(draft)).map(({ path, message }) => [fieldAt(path), message] as const)
  return Object.fromEntries([...wrong, ...stray])
}

const fieldsMissing = (draft: QuestionDraft, fields: readonly QuestionField[]) =>
  fields.filter((field) => draft[field].trim() === '').map((field) => [field, 'Required'] as const)

/** `resource.type` → the field that shows it. */
function fieldAt(path: string): string {
  const [first = '', second = ''] = path.split('.')
  return first === 'resource' && (second === 'type' || second === 'id') ? second : first
}

/** Who types faster than the operations are loaded need not say what type of thing theirs is on. */
async function completed(question: QuestionDraft): Promise<QuestionDraft> {
  if (question.action === '' || question.type !== '') return question
  const { thingOf } = await import('../../validation.ts')
  const thing = thingOf(question.action.trim())
  return thing === null ? question : { ...question, type: thing.type, id: thing.id ?? question.id }
}

/** A question that is being written: it follows the URL's, and is checked before it is asked. */
function createQuestion(asked: () => QuestionDraft) {
  const [draft, setDraft] = createSignal(asked())
  const [kind, setKind] = createSignal(kindOf(asked()))
  const [problems, setProblems] = createSignal<Problems>({})
  const follow = (question: QuestionDraft): void => {
    setDraft(question)
    setKind(kindOf(question))
    setProblems({})
  }
  createEffect(on(asked, follow, { defer: true }))
  const set =
    (field: QuestionField) =>
    (text: string): void => {
      setDraft((before) => ({ ...before, [field]: text }))
      setProblems(({ [field]: _mended, ...rest }) => rest)
    }
  /** The question as it is to be asked; null: something is wrong with it. */
  const checked = async (): Promise<QuestionDraft | null> => {
    const question = await completed(ofKind(draft(), kind()))
    setDraft((before) => ({ ...before, type: question.type || before.type, id: question.id || before.id }))
    const wrong = await problemsOf(question, kind())
    setProblems(wrong)
    return Object.keys(wrong).length === 0 ? question : null
  }
  return { kind, setKind, checked, part: { draft, problem: (field: QuestionField) => problems()[field], set } }
}

const kindOptions = [
  ['call', 'what somebody may do'],
  ['decision', 'a recorded decision'],
] as const

/** The question to the policies: a call, or a recorded decision. */
export function QuestionForm(props: {
  question: QuestionDraft
  busy: boolean
  onAsk: (draft: QuestionDraft) => void
}): JSX.Element {
  const access = useAccess()
  const { kind, setKind, checked, part } = createQuestion(() => props.question)
  let form: HTMLFormElement | undefined
  const blocked = (): Blocked => access.why('policy.explain')
  const ask = async (): Promise<void> => {
    const question = await checked()
    if (question === null) form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    else props.onAsk(question)
  }
  return (
    <form
      class="card form"
      aria-label="Question"
      ref={(element) => {
        form = element
      }}
      onSubmit={(event) => {
        event.preventDefault()
        if (blocked() === null && !props.busy) void ask()
      }}
    >
      <SelectField
        label="Explain"
        value={kind()}
        options={kindOptions}
        onText={(value) => setKind(value === 'decision' ? 'decision' : 'call')}
      />
      <Show when={kind() === 'call'} fallback={<DecisionPart {...part} />}>
        <CallParts {...part} />
      </Show>
      <div class="acts">
        <div class="form-actions">
          <Button type="submit" look="primary" busy={props.busy} blocked={blocked()}>
            Explain
          </Button>
        </div>
        <Show when={blocked()}>{(why) => <p class="acts-why">{why()}</p>}</Show>
      </div>
    </form>
  )
}

interface PartProps {
  readonly draft: () => QuestionDraft
  readonly problem: (field: QuestionField) => string | undefined
  readonly set: (field: QuestionField) => (text: string) => void
}

function Line(
  props: PartProps & { field: QuestionField; label: string; hint?: string; placeholder?: string; list?: string },
): JSX.Element {
  return (
    <TextField
      label={props.label}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      hint={props.hint}
      placeholder={props.placeholder}
      list={props.list}
      value={props.draft()[props.field]}
      problem={props.problem(props.field)}
      onText={props.set(props.field)}
    />
  )
}

const DecisionPart = (props: PartProps): JSX.Element => (
  <Line {...props} field="decision" label="Decision ID" hint="Of the decision, or of its audit entry." />
)

function CallParts(props: PartProps): JSX.Element {
  return (
    <>
      <Caller {...props} />
      <Thing {...props} />
      <Line {...props} field="workspace" label="Workspace" placeholder="default" />
      <Circumstances {...props} />
    </>
  )
}

function Caller(props: PartProps): JSX.Element {
  return (
    <div class="explain-pair">
      <SelectField
        label="Who"
        value={props.draft().principalType}
        options={[
          ['', 'yourself'],
          ['User', 'a user'],
          ['Service', 'a service account'],
        ]}
        onText={props.set('principalType')}
      />
      <Show when={props.draft().principalType !== ''}>
        <Line {...props} field="principal" label="Name or ID" />
      </Show>
    </div>
  )
}

/** What is done, and on what. An operation of Gatehouse says itself what type of thing it is on. */
function Thing(props: PartProps): JSX.Element {
  const [lists] = createResource(() => import('../../validation.ts'))
  const [actionsId, typesId] = [createUniqueId(), createUniqueId()]
  const setAction = (action: string): void => {
    props.set('action')(action)
    const thing = settled(lists)?.thingOf(action) ?? null
    if (thing === null) return
    props.set('type')(thing.type)
    if (thing.id !== null) props.set('id')(thing.id)
  }
  return (
    <>
      <TextField
        label="Operation or action"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        hint="An operation such as lease.revoke, or an action of the platform such as deploy."
        list={actionsId}
        value={props.draft().action}
        problem={props.problem('action')}
        onText={setAction}
      />
      <div class="explain-pair">
        <Line {...props} field="type" label="Resource type" placeholder="Server" list={typesId} />
        <Line {...props} field="id" label="Resource ID" placeholder="web-1" />
      </div>
      <datalist id={actionsId}>
        <For each={settled(lists)?.askable.actions}>{(name) => <option value={name} />}</For>
      </datalist>
      <datalist id={typesId}>
        <For each={settled(lists)?.askable.types}>{(name) => <option value={name} />}</For>
      </datalist>
    </>
  )
}

const moreFields = ['session', 'address', 'context', 'properties', 'parameters'] as const

function Circumstances(props: PartProps): JSX.Element {
  /** What is open stays open, though its last text is deleted. */
  const isOpen = createMemo<boolean>(
    (before) => before || moreFields.some((field) => props.draft()[field] !== '' || props.problem(field) !== undefined),
    false,
  )
  return (
    <details open={isOpen()}>
      <summary>More about the call</summary>
      <div class="form">
        <TextAreaField
          label="Context"
          hint={`${factHint} What the call says of itself, such as force=true.`}
          rows={2}
          mono
          value={props.draft().context}
          problem={props.problem('context')}
          onText={props.set('context')}
        />
        <TextAreaField
          label="Resource properties"
          hint={`${factHint} Of a resource of the platform, such as provider=hetzner.`}
          rows={2}
          mono
          value={props.draft().properties}
          problem={props.problem('properties')}
          onText={props.set('properties')}
        />
        <Line
          {...props}
          field="parameters"
          label="Parameters"
          hint="What an approval is bound to, such as version=1.4.2; separated by commas."
        />
        <Line {...props} field="address" label="Address of the caller" placeholder="192.0.2.7" />
        <Line
          {...props}
          field="session"
          label="Session ID"
          hint="Without it, a person counts as logged in by password alone."
        />
      </div>
    </details>
  )
}
