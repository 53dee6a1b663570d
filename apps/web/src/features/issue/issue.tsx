import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { Server } from '../../generated/icons.tsx'
import { createLoaded, type Asked } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button, LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { TextFilter } from '../../ui/filters.tsx'
import { createForm, given, type Form } from '../../ui/form.ts'
import { Page } from '../../ui/page.tsx'
import { durationText } from '@gatehouse/kit'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { UnboundNote } from '../hosts/unbound.tsx'
import { IssuedCertificate } from './issued-certificate.tsx'
import { IssuedKey } from './issued-key.tsx'
import '../../ui/acts.css'
import './issue.css'

type Host = Wire<'sshHost.get'>
type Kind = 'key' | 'certificate'

/**
 * What was issued. It lives in this page's memory only: never in the URL, the title, the history or the browser's
 * storage.
 */
type Issued =
  | { readonly kind: 'key'; readonly host: Host; readonly key: Wire<'sshKey.generate'> }
  | { readonly kind: 'certificate'; readonly host: Host; readonly certificate: Wire<'sshCertificate.sign'> }

/** Issues a credential for a host, for a purpose and a time. */
export default function Issue(): JSX.Element {
  const [params] = useSearchParams<{ host?: string }>()
  const hosts = createLoaded('sshHost.list', () => ({ first: 200 }))
  /** The host that a link names, where the list's first page does not have it. */
  const linked = createLoaded('sshHost.get', () => missingHost(hosts.data()?.items, params.host))
  const [issued, setIssued] = createSignal<Issued | null>(null)
  const of = <K extends Kind>(kind: K): Extract<Issued, { kind: K }> | undefined => {
    const found = issued()
    return found?.kind === kind ? (found as Extract<Issued, { kind: K }>) : undefined // the line asks for this kind
  }
  return (
    <Page
      title={issued() === null ? 'Issue a credential' : 'Your credential'}
      lead={issued() === null ? 'For one host, one purpose and a limited time.' : undefined}
    >
      <Switch
        fallback={
          <Answer of={hosts} lines={5}>
            {(page) => (
              <Show
                when={page().items.length > 0}
                fallback={
                  <Empty
                    title="No hosts yet"
                    icon={<Server />}
                    action={
                      <LinkButton href="/access/register-host" look="primary">
                        Register the first host
                      </LinkButton>
                    }
                  >
                    Register a host before you issue a credential.
                  </Empty>
                }
              >
                <Show when={missingHost(page().items, params.host) === null || settled(linked)}>
                  <IssueForm
                    hosts={[...page().items, ...[linked.data() ?? []].flat()]}
                    hasMore={page().nextCursor !== null}
                    onIssued={setIssued}
                  />
                </Show>
              </Show>
            )}
          </Answer>
        }
      >
        <Match when={of('key')}>
          {(found) => <IssuedKey host={found().host} issued={found().key} onAgain={() => setIssued(null)} />}
        </Match>
        <Match when={of('certificate')}>
          {(found) => (
            <IssuedCertificate host={found().host} issued={found().certificate} onAgain={() => setIssued(null)} />
          )}
        </Match>
      </Switch>
    </Page>
  )
}

const isNamed = ({ name, id }: Host, reference: string): boolean => name === reference || id === reference

/** What to ask for a host that is wanted and not among these; null: nothing. */
const missingHost = (hosts: readonly Host[] | undefined, wanted: string | undefined): { id: string } | null =>
  hosts === undefined || wanted === undefined || hosts.some((host) => isNamed(host, wanted)) ? null : { id: wanted }

const settled = ({ data, error }: Asked<Host>): boolean => data() !== undefined || error() !== undefined

const kinds: readonly (readonly [Kind, string, string])[] = [
  [
    'key',
    'Generate a key',
    'Gatehouse creates a key pair, shows the private key once and puts the public key on the host until it expires.',
  ],
  ['certificate', 'Sign my public key', 'Get a certificate for your own key. The host must trust the Gatehouse CA.'],
]

interface IssueFormProps {
  readonly hosts: readonly Host[]
  /** There are more than these: they are found by a word of theirs. */
  readonly hasMore: boolean
  readonly onIssued: (issued: Issued) => void
}

function IssueForm(props: IssueFormProps): JSX.Element {
  const [params, setParams] = useSearchParams<{ host?: string; kind?: string }>()
  const firstHost = props.hosts.find((host) => isNamed(host, params.host ?? '')) ?? props.hosts[0]
  const [word, setWord] = createSignal('')
  const found = createLoaded('sshHost.list', () => (word() === '' ? null : { search: word(), first: 200 }))
  /** Hosts found come first; those of before stay, so that the one that was chosen does not vanish. */
  const hosts = (): readonly Host[] => [
    ...new Map([...(found.data()?.items ?? []), ...props.hosts].map((host) => [host.id, host])).values(),
  ]
  const kind = (): Kind => (params.kind === 'certificate' ? 'certificate' : 'key')
  return (
    <div class="card stack narrow">
      <fieldset class="kinds">
        <legend>Credential type</legend>
        <For each={kinds}>
          {([value, title, text]) => (
            <label class="kind" classList={{ 'kind-chosen': kind() === value }}>
              <input
                type="radio"
                name="kind"
                value={value}
                checked={kind() === value}
                onChange={() => setParams({ kind: value }, { replace: true })}
              />
              <span>
                <strong>{title}</strong>
                <span class="muted kind-text">{text}</span>
              </span>
            </label>
          )}
        </For>
      </fieldset>
      <Show when={props.hasMore}>
        <TextFilter label="Find host" placeholder="name or address" value={word()} onText={setWord} />
        <p class="muted" aria-live="polite">
          {word() === '' ? 'More hosts than the list shows: find yours by its name.' : foundWords(found)}
        </p>
      </Show>
      <Show
        when={kind() === 'key'}
        fallback={<CertificateForm hosts={hosts()} host={firstHost?.name ?? ''} onIssued={props.onIssued} />}
      >
        <KeyForm hosts={hosts()} host={firstHost?.name ?? ''} onIssued={props.onIssued} />
      </Show>
    </div>
  )
}

const foundWords = (found: Asked<Wire<'sshHost.list'>>): string => {
  const items = found.data()?.items
  if (items === undefined) return found.error() === undefined ? 'Searching…' : 'The search failed; try again.'
  const [first] = items
  if (first === undefined) return 'No host matches.'
  return items.length === 1 ? `${first.name} matches.` : `${items.length} hosts match; they come first in the list.`
}

interface KindFormProps {
  readonly hosts: readonly Host[]
  readonly host: string
  readonly onIssued: (issued: Issued) => void
}

const commonInput = (
  values: Readonly<Record<string, string>>,
): { host: string; purpose: string; ttlSeconds: number; login: string | undefined } => ({
  host: values['host'] ?? '',
  purpose: values['purpose'] ?? '',
  ttlSeconds: Number(values['ttlSeconds']),
  login: given(values['login']),
})

const hostOf = (props: KindFormProps, form: Form<unknown>): Host | undefined =>
  props.hosts.find(({ name }) => name === form.values()['host'])

function KeyForm(props: KindFormProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const form = createForm({
    name: 'sshKey.generate',
    initial: { host: props.host, purpose: '', ttlSeconds: '3600', login: '' },
    input: commonInput,
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (access.why('sshKey.generate') !== null) return
    const key = await form.send()
    const host = hostOf(props, form)
    if (key !== null && host !== undefined) props.onIssued({ kind: 'key', host, key })
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <CommonFields form={form} hosts={props.hosts} host={hostOf(props, form)} />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()} blocked={access.why('sshKey.generate')}>
          Generate
        </Button>
      </div>
      <WhyNot why={access.why('sshKey.generate')} />
    </form>
  )
}

function CertificateForm(props: KindFormProps): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const form = createForm({
    name: 'sshCertificate.sign',
    initial: { host: props.host, purpose: '', ttlSeconds: '900', login: '', publicKey: '' },
    input: (values) => ({ ...commonInput(values), publicKey: (values['publicKey'] ?? '').trim() }),
    call: session.act,
  })
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (access.why('sshCertificate.sign') !== null) return
    const certificate = await form.send()
    const host = hostOf(props, form)
    if (certificate !== null && host !== undefined) props.onIssued({ kind: 'certificate', host, certificate })
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <TextAreaField
        label="Your public key"
        mono
        rows={2}
        hint="One line of ~/.ssh/id_ed25519.pub. Never the private key."
        value={form.values()['publicKey'] ?? ''}
        problem={form.problem('publicKey')}
        onText={form.set('publicKey')}
      />
      <CommonFields form={form} hosts={props.hosts} host={hostOf(props, form)} />
      <div class="form-actions">
        <Button type="submit" look="primary" busy={form.busy()} blocked={access.why('sshCertificate.sign')}>
          Sign
        </Button>
      </div>
      <WhyNot why={access.why('sshCertificate.sign')} />
    </form>
  )
}

function WhyNot(props: { why: string | null }): JSX.Element {
  return <Show when={props.why}>{(why) => <p class="acts-why">{why()}</p>}</Show>
}

const ttlsSeconds = [300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400] as const

function CommonFields(props: { form: Form<unknown>; hosts: readonly Host[]; host: Host | undefined }): JSX.Element {
  const logins = (): readonly (readonly [string, string])[] => {
    const host = props.host
    if (host === undefined) return []
    return [
      ['', host.user],
      ...host.principals.filter((name) => name !== host.user).map((name) => [name, name] as const),
    ]
  }
  return (
    <>
      <Show when={props.form.error()}>{(error) => <Problem error={error()} />}</Show>
      <div class="form-columns">
        <SelectField
          label="Host"
          value={props.form.values()['host'] ?? ''}
          options={props.hosts.map(({ name, unbound }) => [name, unbound ? `${name} (unbound)` : name] as const)}
          onText={props.form.set('host')}
          problem={props.form.problem('host')}
        />
        <SelectField
          label="Log in as"
          value={props.form.values()['login'] ?? ''}
          options={logins()}
          onText={props.form.set('login')}
          problem={props.form.problem('login')}
        />
        <SelectField
          label="Valid for"
          value={props.form.values()['ttlSeconds'] ?? ''}
          options={ttlsSeconds.map((seconds) => [String(seconds), durationText(seconds)] as const)}
          onText={props.form.set('ttlSeconds')}
          problem={props.form.problem('ttlSeconds')}
        />
      </div>
      <UnboundNote when={props.host?.unbound === true} />
      <TextField
        label="Purpose"
        hint="Why you need access. Recorded in the audit log."
        autocomplete="off"
        value={props.form.values()['purpose'] ?? ''}
        problem={props.form.problem('purpose')}
        onText={props.form.set('purpose')}
      />
    </>
  )
}
