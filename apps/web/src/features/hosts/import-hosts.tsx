import type { FieldProblem, Raw, Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { CallRefused } from '../../api.ts'
import { useSession } from '../../session.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { Button, LinkButton } from '../../ui/button.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { given, givenList } from '../../ui/form.ts'
import { DataList, type Column } from '../../ui/list.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { counted } from '../../words.ts'
import { Problem } from '../answer/answer.tsx'
import { FilePick } from '../answer/file-pick.tsx'
import { RowProblems } from '../answer/row-problems.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { createWorkspaceNames } from '../workspaces/workspace-names.tsx'
import { addressWords } from './host-words.ts'
import '../../ui/acts.css'

type Imported = Wire<'sshHost.import'>
type ImportedHost = Imported['hosts'][number]
type Texts = Readonly<Record<string, string>>

const noTexts: Texts = { text: '', form: 'table', user: '', workspace: 'default', sourceAddresses: '' }

/** Registers many hosts of a list, all or none; each is contacted and seen before any is written. */
export default function ImportHosts(): JSX.Element {
  const [done, setDone] = createSignal<Imported | null>(null)
  return (
    <Page
      title="Import hosts"
      lead={
        'Register many hosts from a table or an Ansible inventory. You see the host key of each first. ' +
        'Either all are registered or none.'
      }
    >
      <Show when={done()} fallback={<Importing onDone={setDone} />}>
        {(answer) => <Registered of={answer()} />}
      </Show>
    </Page>
  )
}

interface Import {
  readonly problems: () => readonly FieldProblem[]
  readonly error: () => unknown
  readonly busy: () => boolean
  /** Null: it did not go through. */
  readonly send: (texts: Texts, how: 'look' | 'register') => Promise<Imported | null>
}

/** Reads the whole list by the contract before it is sent, and tells the server's complaints by line as well. */
function createImport(): Import {
  const session = useSession()
  const [problems, setProblems] = createSignal<readonly FieldProblem[]>([])
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const send = async (texts: Texts, how: 'look' | 'register'): Promise<Imported | null> => {
    setError(undefined)
    setProblems([])
    setBusy(true)
    try {
      const { placedInFile, readHosts } = await import('../../validation.ts')
      const source = new TextEncoder().encode(texts['text'])
      const read = readHosts(
        source,
        texts['form'] === 'inventory' ? 'inventory' : 'table',
        given(texts['user']) ?? null,
      )
      if ('problems' in read) {
        setProblems(read.problems)
        return null
      }
      return await session
        .act('sshHost.import', inputOf(texts, { hosts: read.hosts, how }))
        .catch((refused: unknown) => {
          const fields = refused instanceof CallRefused ? (refused.details.fields ?? []) : []
          setProblems(placedInFile(fields, read.hosts))
          if (fields.length === 0) setError(() => refused)
          return null
        })
    } catch (failed) {
      setError(() => failed)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { problems, error, busy, send }
}

type Rows = readonly { readonly values: unknown }[]

const inputOf = (
  texts: Texts,
  { hosts, how }: { readonly hosts: Rows; readonly how: 'look' | 'register' },
): Raw<'sshHost.import'> => ({
  // readHosts has just checked each by the operation's own schema
  hosts: hosts.map(({ values }) => values) as Raw<'sshHost.import'>['hosts'],
  workspace: texts['workspace'] ?? '',
  sourceAddresses: givenList(texts['sourceAddresses']),
  dryRun: how === 'look',
})

function Importing(props: { onDone: (done: Imported) => void }): JSX.Element {
  const access = useAccess()
  const [texts, setTexts] = createSignal(noTexts)
  const [looked, setLooked] = createSignal<{ readonly texts: Texts; readonly answer: Imported } | null>(null)
  const importing = createImport()
  const why = (): Blocked =>
    access.why('sshHost.import') ?? (texts()['text']?.trim() === '' ? 'Enter at least one host.' : null)
  /** What is registered is what was seen: another list has to be looked at anew. */
  const current = (): Imported | undefined => {
    const found = looked()
    return found?.texts === texts() ? found.answer : undefined
  }
  const look = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const asked = texts()
    if (why() !== null || importing.busy()) return
    const answer = await importing.send(asked, 'look')
    if (answer !== null) setLooked({ texts: asked, answer })
  }
  const register = async (): Promise<void> => {
    const answer = await importing.send(texts(), 'register')
    if (answer !== null) props.onDone(answer)
  }
  return (
    <>
      <form class="card form" onSubmit={(event) => void look(event)}>
        <Show when={importing.error()}>{(error) => <Problem error={error()} />}</Show>
        <ImportFields
          texts={texts()}
          set={(field) => (text) => void setTexts((before) => ({ ...before, [field]: text }))}
        />
        <RowProblems of={importing.problems()} outcome="No host was registered" />
        <div class="form-actions">
          <Button type="submit" look="primary" busy={importing.busy()} blocked={why()}>
            Check hosts
          </Button>
        </div>
        <Show when={why()}>{(reason) => <p class="acts-why">{reason()}</p>}</Show>
      </form>
      <Show when={current()}>
        {(answer) => <Looked of={answer()} busy={importing.busy()} onRegister={() => void register()} />}
      </Show>
    </>
  )
}

const examples: Readonly<Record<string, string>> = {
  table: 'name,address,user,principals\ndb-1,10.0.0.5,deploy,deploy;backup\nweb-1,web1.example.org,deploy,',
  inventory: '[web]\nweb-1 ansible_host=web1.example.org\n[db]\ndb-1 ansible_host=10.0.0.5 ansible_user=deploy',
}
const hints: Readonly<Record<string, string>> = {
  table:
    'A table copied from a spreadsheet, CSV, JSON or JSON Lines, with columns name, address and user; port, access, ' +
    'principals, sourceAddresses and hostKey are optional. At most 100 hosts at a time.',
  inventory:
    'An Ansible inventory in INI, or what ansible-inventory --list prints. Only ansible_host, ansible_port and ' +
    'ansible_user are read. At most 100 hosts at a time.',
}
const fileTypes = '.csv,.tsv,.txt,.ini,.json,.jsonl,text/csv,text/plain,application/json'

const forms = [
  ['table', 'table (CSV, TSV, JSON)'],
  ['inventory', 'Ansible inventory'],
] as const

function ImportFields(props: { texts: Texts; set: (field: string) => (text: string) => void }): JSX.Element {
  const workspaces = createWorkspaceNames()
  const [fileProblem, setFileProblem] = createSignal<string | undefined>()
  const form = (): string => props.texts['form'] ?? 'table'
  return (
    <>
      <div class="form-columns">
        <SelectField label="Format" value={form()} options={forms} onText={props.set('form')} />
        <SelectField
          label="Workspace"
          value={props.texts['workspace'] ?? ''}
          options={[...new Set(['default', ...workspaces().values()])].map((name) => [name, name] as const)}
          onText={props.set('workspace')}
        />
      </div>
      <TextAreaField
        label="Hosts"
        mono
        rows={10}
        placeholder={examples[form()] ?? ''}
        hint={hints[form()]}
        value={props.texts['text'] ?? ''}
        problem={fileProblem()}
        onText={props.set('text')}
      />
      <FilePick
        accept={fileTypes}
        tooLarge="This file is too large. Import at most 100 hosts at a time."
        onText={props.set('text')}
        onProblem={setFileProblem}
      />
      <div class="form-columns">
        <TextField
          label="Account (optional)"
          hint="For hosts that name none."
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={props.texts['user']}
          onText={props.set('user')}
        />
        <TextField
          label="Allowed sources (optional)"
          hint="For hosts that name none. Default: your current address. Comma-separated."
          autocomplete="off"
          spellcheck={false}
          value={props.texts['sourceAddresses']}
          onText={props.set('sourceAddresses')}
        />
      </div>
    </>
  )
}

const columns: readonly Column<ImportedHost>[] = [
  { title: 'Host', rank: 'main', cell: ({ name }) => name },
  { title: 'Status', cell: ({ reachable }) => <StateMark state={reachable ? 'reachable' : 'unreachable'} /> },
  { title: 'Address', cell: addressWords, mono: true },
  { title: 'Host key', cell: ({ hostKeyFingerprint }) => hostKeyFingerprint, mono: true },
]

function Looked(props: { of: Imported; busy: boolean; onRegister: () => void }): JSX.Element {
  const away = (): number => props.of.hosts.filter(({ reachable }) => !reachable).length
  return (
    <Section title="What would be registered">
      <Note tone="warn" title="Compare the host keys with those on the machines.">
        ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub prints the fingerprint on a machine. If they differ, someone
        may be intercepting the connection.
      </Note>
      <Show when={away() > 0}>
        <Note tone="warn" title={`${counted(away(), 'host')} did not answer.`}>
          They can be registered by the key that the list gives. Credentials are issued once they have been reached.
        </Note>
      </Show>
      <DataList label="Hosts to register" items={props.of.hosts} columns={columns} key={({ name }) => name} />
      <div class="form-actions">
        <Button look="primary" busy={props.busy} onClick={() => props.onRegister()}>
          Register {counted(props.of.hosts.length, 'host')}
        </Button>
      </div>
    </Section>
  )
}

/** As many set-up commands as people read; the others are on the pages of their hosts. */
const commandsMax = 10

function Registered(props: { of: Imported }): JSX.Element {
  const names = (): readonly string[] => props.of.hosts.map(({ name }) => name)
  return (
    <div class="card stack">
      <h2>{counted(props.of.registered, 'host')} registered</h2>
      <p class="muted">Next, set up each host: create its script, review it, then run it as root on the host.</p>
      <CopyBlock
        text={names()
          .slice(0, commandsMax)
          .map((name) => `npx --no-install gatehouse ssh-host setup --host ${name} > setup-${name}.sh`)
          .join('\n')}
        what="setup commands"
      />
      <Show when={names().length > commandsMax}>
        <p class="muted">The page of each other host shows its command.</p>
      </Show>
      <div class="form-actions">
        <LinkButton href="/access/hosts" look="primary">
          View hosts
        </LinkButton>
      </div>
    </div>
  )
}
