import type { Raw, Wire } from '@gatehouse/contract'
import Upload from 'lucide-solid/icons/upload'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { CallRefused } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextAreaField } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { readImport, rowProblems, type RowProblem } from './import-text.ts'
import './people.css'

const example =
  '[\n  {\n    "username": "ada",\n    "role": "Operator",\n    "teams": ["sre"],\n    ' +
  '"passwordHash": "$argon2id$v=19$m=…"\n  }\n]'
/** A request holds at most 200 people; this is far beyond what they take. */
const fileBytesMax = 2_000_000

/** Brings people in with the password hashes that they have: all or none. */
export default function ImportUsers(): JSX.Element {
  const [imported, setImported] = createSignal<Wire<'user.import'> | null>(null)
  return (
    <Page
      title="Import users"
      lead={
        'Import people from another system with their password hashes (argon2id, bcrypt or scrypt). ' +
        'They keep their passwords. Either everyone is imported or no one.'
      }
    >
      <Show when={imported()} fallback={<ImportForm onImported={setImported} />}>
        {(done) => <Imported done={done()} />}
      </Show>
    </Page>
  )
}

interface Importing {
  readonly rows: () => readonly RowProblem[]
  readonly error: () => unknown
  readonly busy: () => boolean
  readonly send: (text: string) => Promise<void>
}

/** Checks the whole list by the contract before it is sent, and tells the server's complaints by row as well. */
function createImport(onImported: (done: Wire<'user.import'>) => void): Importing {
  const session = useSession()
  const [rows, setRows] = createSignal<readonly RowProblem[]>([])
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const send = async (text: string): Promise<void> => {
    setError(undefined)
    const { users, problem } = readImport(text)
    if (users === null) return void setRows([{ row: 0, username: '', text: problem }])
    setBusy(true)
    try {
      const { fieldsOf } = await import('../../validation.ts')
      const problems = rowProblems(fieldsOf('user.import', { users }), users)
      setRows(problems)
      if (problems.length > 0) return
      onImported(await session.act('user.import', { users } as Raw<'user.import'>)) // fieldsOf has just checked it
    } catch (refused) {
      const fields = refused instanceof CallRefused ? (refused.details.fields ?? []) : []
      setRows(rowProblems(fields, users))
      if (fields.length === 0) setError(() => refused)
    } finally {
      setBusy(false)
    }
  }
  return { rows, error, busy, send }
}

function ImportForm(props: { onImported: (done: Wire<'user.import'>) => void }): JSX.Element {
  const access = useAccess()
  const [text, setText] = createSignal('')
  const [fileProblem, setFileProblem] = createSignal<string | undefined>()
  const importing = createImport((done) => props.onImported(done))
  const why = (): string | null => access.why('user.import') ?? (importing.busy() ? 'Importing …' : null)
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    setFileProblem(
      file.size > fileBytesMax ? 'This file is too large. Import at most 200 people at a time.' : undefined,
    )
    if (file.size <= fileBytesMax) setText(await file.text())
  }
  return (
    <form
      class="card form narrow"
      onSubmit={(event) => {
        event.preventDefault()
        if (why() === null) void importing.send(text())
      }}
    >
      <Show when={importing.error()}>{(error) => <Problem error={error()} />}</Show>
      <TextAreaField
        label="People"
        mono
        rows={12}
        placeholder={example}
        value={text()}
        onText={setText}
        problem={fileProblem()}
        hint={
          'JSON with username, role and passwordHash; displayName, email and teams are optional. At most ' +
          '200 people at a time.'
        }
      />
      <RowProblems rows={importing.rows()} />
      <label class="file-pick">
        <Upload aria-hidden="true" />
        Choose a file
        <input
          class="visually-hidden"
          type="file"
          accept=".json,application/json"
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
      </label>
      <Acts
        of={[
          {
            label: 'Import',
            look: 'primary',
            blocked: why() ?? (text().trim() === '' ? 'Enter at least one person.' : null),
            run: () => void importing.send(text()),
          },
        ]}
      />
    </form>
  )
}

/** More problems than this nobody mends at once. */
const rowsShownMax = 20

function RowProblems(props: { rows: readonly RowProblem[] }): JSX.Element {
  return (
    <Show when={props.rows.length > 0}>
      <Note
        tone="bad"
        title={`No one was imported: ${props.rows.length === 1 ? '1 problem' : `${props.rows.length} problems`}.`}
      >
        <ul class="row-problems">
          <For each={props.rows.slice(0, rowsShownMax)}>
            {({ row, username, text }) => (
              <li>
                <Show when={row > 0}>
                  <strong>
                    Row {row}
                    {username === '' ? '' : ` · ${username}`}:{' '}
                  </strong>
                </Show>
                {text}
              </li>
            )}
          </For>
          <Show when={props.rows.length > rowsShownMax}>
            <li>and {props.rows.length - rowsShownMax} more</li>
          </Show>
        </ul>
      </Note>
    </Show>
  )
}

function Imported(props: { done: Wire<'user.import'> }): JSX.Element {
  return (
    <div class="card stack narrow">
      <h2>Imported {props.done.imported === 1 ? '1 user' : `${props.done.imported} users`}</h2>
      <p class="muted">They log in with their existing password and then add a second factor.</p>
      <p>{props.done.users.map(({ username }) => username).join(', ')}</p>
      <div class="form-actions">
        <LinkButton href="/people/users" look="primary">
          View users
        </LinkButton>
      </div>
    </div>
  )
}
