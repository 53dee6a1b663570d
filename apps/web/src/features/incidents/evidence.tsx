import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Upload } from '../../generated/icons.tsx'
import { Acts } from '../../ui/acts.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import { given, type Form } from '../../ui/form.ts'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { factsOfFile, sizeWords } from './evidence-file.ts'
import type { ActProps } from './incident-acts.tsx'

type Incident = Wire<'incident.get'>
type Piece = Incident['evidence'][number]

/** Evidence: what it is, its hash, where it lies, who added it when. */
export function EvidenceSection(props: { incident: Incident; reload: () => void }): JSX.Element {
  const access = useAccess()
  const [adding, setAdding] = createSignal(false)
  return (
    <PanelSection title="Evidence">
      <Show when={props.incident.evidence.length > 0} fallback={<p class="muted">None yet.</p>}>
        <ul class="incident-list">
          <For each={props.incident.evidence}>{(piece) => <EvidencePiece piece={piece} />}</For>
        </ul>
      </Show>
      <Acts of={[{ label: 'Add evidence', blocked: access.why('incident.addEvidence'), run: () => setAdding(true) }]} />
      <Show when={adding()}>
        <AddEvidence incident={props.incident} onDone={() => props.reload()} onClose={() => setAdding(false)} />
      </Show>
    </PanelSection>
  )
}

function EvidencePiece(props: { piece: Piece }): JSX.Element {
  return (
    <li>
      <p>
        <strong class="incident-text">{props.piece.name}</strong>{' '}
        <span class="muted">
          <Show when={props.piece.size}>{(size) => <>{sizeWords(size())}, </>}</Show>
          added by {props.piece.addedBy ?? 'somebody who is gone'}, <Moment at={props.piece.addedAt} />
        </span>
      </p>
      <Show when={props.piece.description !== ''}>
        <p class="incident-text">{props.piece.description}</p>
      </Show>
      <p class="incident-text muted">{props.piece.location}</p>
      <p class="row">
        <code class="incident-text">
          <span class="visually-hidden">SHA-256 </span>
          {props.piece.sha256}
        </code>
        <CopyButton text={props.piece.sha256} what={`SHA-256 of ${props.piece.name}`} />
      </p>
    </li>
  )
}

type EvidenceForm = Form<Wire<'incident.addEvidence'>>

function AddEvidence(props: ActProps): JSX.Element {
  return (
    <ActDialog
      name="incident.addEvidence"
      title="Add evidence"
      verb="Add evidence"
      look="primary"
      onClose={props.onClose}
      onDone={() => props.onDone()}
      initial={{ name: '', sha256: '', size: '', location: '', description: '' }}
      input={({ name = '', sha256 = '', size, location = '', description }) => ({
        id: props.incident.id,
        name: name.trim(),
        sha256: sha256.trim(),
        size: given(size) === undefined ? undefined : Number(size),
        location: location.trim(),
        description: given(description),
      })}
      done={({ name }) => `Added ${name}.`}
      fields={(form) => (
        <>
          <FilePick form={form} />
          <EvidenceFields form={form} />
        </>
      )}
    >
      <p>Gatehouse keeps the hash, who added it and when. The file stays where you keep it.</p>
    </ActDialog>
  )
}

/** Takes name, size and hash from a file. It is read here, in the browser, and goes nowhere. */
function FilePick(props: { form: EvidenceForm }): JSX.Element {
  const [problem, setProblem] = createSignal<string | null>(null)
  const take = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0]
    if (file === undefined) return
    const facts = await factsOfFile(file)
    setProblem(typeof facts === 'string' ? facts : null)
    if (typeof facts === 'string') return
    for (const [field, text] of Object.entries(facts)) props.form.set(field)(text)
  }
  return (
    <div class="field">
      <label class="file-pick">
        <Upload aria-hidden="true" />
        Choose a file to hash
        <input class="visually-hidden" type="file" onChange={(event) => void take(event.currentTarget)} />
      </label>
      <p class="field-hint">It is hashed in this browser and not uploaded.</p>
      <p class="field-problem" role="alert">
        {problem()}
      </p>
    </div>
  )
}

function EvidenceFields(props: { form: EvidenceForm }): JSX.Element {
  const field = (name: string) => ({
    get value() {
      return props.form.values()[name] ?? ''
    },
    get problem() {
      return props.form.problem(name)
    },
    onText: props.form.set(name),
  })
  return (
    <>
      <TextField label="Name" hint="Such as the name of a file." autocomplete="off" {...field('name')} />
      <TextField
        label="SHA-256"
        hint="64 hexadecimal digits, as sha256sum prints them."
        autocomplete="off"
        spellcheck={false}
        {...field('sha256')}
      />
      <TextField label="Size in bytes (optional)" inputmode="numeric" autocomplete="off" {...field('size')} />
      <TextField label="Location" hint="A path, an address, a shelf." autocomplete="off" {...field('location')} />
      <TextAreaField label="What it shows (optional)" {...field('description')} />
    </>
  )
}
