import type { FieldProblem, Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { CallRefused } from '../../api.ts'
import { useSession } from '../../session.tsx'
import { Acts } from '../../ui/acts.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { TextAreaField } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { Problem } from '../answer/answer.tsx'
import { FilePick } from '../answer/file-pick.tsx'
import { RowProblems } from '../answer/row-problems.tsx'
import { useAccess } from '../answer/use-access.tsx'
import './people.css'

const example =
  'username,role,teams,passwordHash\nada,Operator,sre;developers,"$argon2id$v=19$m=65536,t=3,p=4$…"\n' +
  'grace,Viewer,,"$2b$12$…"'
const fileTypes =
  '.csv,.tsv,.tab,.txt,.json,.jsonl,.ndjson,text/csv,text/tab-separated-values,text/plain,application/json'

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
  readonly problems: () => readonly FieldProblem[]
  readonly error: () => unknown
  readonly busy: () => boolean
  readonly send: (text: string) => Promise<void>
}

/** Reads the whole table by the contract before it is sent, and tells the server's complaints by line as well. */
function createImport(onImported: (done: Wire<'user.import'>) => void): Importing {
  const session = useSession()
  const [problems, setProblems] = createSignal<readonly FieldProblem[]>([])
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const send = async (text: string): Promise<void> => {
    setError(undefined)
    setProblems([])
    setBusy(true)
    try {
      const { readPeople, placedInFile } = await import('../../validation.ts')
      const read = readPeople(text)
      if ('problems' in read) return void setProblems(read.problems)
      // readPeople has just checked each by the operation's own schema
      const users = read.people.map(({ values }) => values) as Raw<'user.import'>['users']
      await session.act('user.import', { users }).then(onImported, (refused: unknown) => {
        const fields = refused instanceof CallRefused ? (refused.details.fields ?? []) : []
        setProblems(placedInFile(fields, read.people))
        if (fields.length === 0) setError(() => refused)
      })
    } catch (failed) {
      setError(() => failed)
    } finally {
      setBusy(false)
    }
  }
  return { problems, error, busy, send }
}

function ImportForm(props: { onImported: (done: Wire<'user.import'>) => void }): JSX.Element {
  const access = useAccess()
  const [text, setText] = createSignal('')
  const [fileProblem, setFileProblem] = createSignal<string | undefined>()
  const importing = createImport((done) => props.onImported(done))
  const why = (): string | null => access.why('user.import') ?? (importing.busy() ? 'Importing …' : null)
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
          'A table copied from a spreadsheet, CSV, JSON or JSON Lines, with columns username, role and ' +
          'passwordHash; displayName, email and teams are optional. At most 200 people at a time.'
        }
      />
      <RowProblems of={importing.problems()} outcome="No one was imported" />
      <FilePick
        accept={fileTypes}
        tooLarge="This file is too large. Import at most 200 people at a time."
        onText={setText}
        onProblem={setFileProblem}
      />
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
