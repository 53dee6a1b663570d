import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { Server } from '../../generated/icons.tsx'
import { createLoaded, type Asked } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { TextAreaField } from '../../ui/field.tsx'
import { TextFilter } from '../../ui/filters.tsx'
import { createForm } from '../../ui/form.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { commonInput, HostForm } from './host-form.tsx'
import type { Issued, KeptPurpose } from './issued.ts'
import type { Host, SshKind } from './terms-words.ts'

interface HostFormsProps {
  readonly kind: SshKind
  readonly purpose: KeptPurpose
  readonly onIssued: (issued: Issued) => void
}

/** The forms of credentials for a host, once it is known which hosts there are. */
export function HostForms(props: HostFormsProps): JSX.Element {
  const [params] = useSearchParams<{ host?: string }>()
  const hosts = createLoaded('sshHost.list', () => ({ first: 200 }))
  /** The host that a link names, where the list's first page does not have it. */
  const linked = createLoaded('sshHost.get', () => missingHost(hosts.data()?.items, params.host))
  return (
    <Answer of={hosts} lines={5}>
      {(page) => (
        <Show when={page().items.length > 0} fallback={<NoHosts />}>
          <Show when={missingHost(page().items, params.host) === null || settled(linked)}>
            <AmongHosts
              {...props}
              hosts={[...page().items, ...[linked.data() ?? []].flat()]}
              hasMore={page().nextCursor !== null}
            />
          </Show>
        </Show>
      )}
    </Answer>
  )
}

function NoHosts(): JSX.Element {
  const access = useAccess()
  const mayRegister = (): boolean => access.may('sshHost.register')
  return (
    <Empty
      title="No hosts yet"
      icon={<Server />}
      action={
        <Show when={mayRegister()}>
          <LinkButton href="/access/register-host" look="primary">
            Register the first host
          </LinkButton>
        </Show>
      }
    >
      {mayRegister()
        ? 'Register a host before you issue a credential for one.'
        : 'An administrator or an operator registers a host first.'}
    </Empty>
  )
}

const isNamed = ({ name, id }: Host, reference: string): boolean => name === reference || id === reference

/** What to ask for a host that is wanted and not among these; null: nothing. */
const missingHost = (hosts: readonly Host[] | undefined, wanted: string | undefined): { id: string } | null =>
  hosts === undefined || wanted === undefined || hosts.some((host) => isNamed(host, wanted)) ? null : { id: wanted }

const settled = ({ data, error }: Asked<Host>): boolean => data() !== undefined || error() !== undefined

interface AmongHostsProps extends HostFormsProps {
  readonly hosts: readonly Host[]
  /** There are more than these: they are found by a word of theirs. */
  readonly hasMore: boolean
}

function AmongHosts(props: AmongHostsProps): JSX.Element {
  const [params] = useSearchParams<{ host?: string }>()
  const named = props.hosts.find((host) => isNamed(host, params.host ?? ''))
  const first = (): string =>
    (named ?? props.hosts.find((host) => props.kind !== 'otp' || host.otpAddresses.length > 0) ?? props.hosts[0])
      ?.name ?? ''
  const [word, setWord] = createSignal('')
  const found = createLoaded('sshHost.list', () => (word() === '' ? null : { search: word(), first: 200 }))
  /** Hosts found come first; those of before stay, so that the one that was chosen does not vanish. */
  const hosts = (): readonly Host[] => [
    ...new Map([...(found.data()?.items ?? []), ...props.hosts].map((host) => [host.id, host])).values(),
  ]
  return (
    <>
      <Show when={props.hasMore}>
        <TextFilter label="Find host" placeholder="name or address" value={word()} onText={setWord} />
        <p class="muted" aria-live="polite">
          {word() === '' ? 'More hosts than the list shows: find yours by its name.' : foundWords(found)}
        </p>
      </Show>
      <Switch>
        <Match when={props.kind === 'key'}>
          <KeyForm hosts={hosts()} host={first()} purpose={props.purpose} onIssued={props.onIssued} />
        </Match>
        <Match when={props.kind === 'certificate'}>
          <CertificateForm hosts={hosts()} host={first()} purpose={props.purpose} onIssued={props.onIssued} />
        </Match>
        <Match when={props.kind === 'otp'}>
          <OtpForm hosts={hosts()} host={first()} purpose={props.purpose} onIssued={props.onIssued} />
        </Match>
      </Switch>
    </>
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
  readonly purpose: KeptPurpose
  readonly onIssued: (issued: Issued) => void
}

const initial = ({ host, purpose }: KindFormProps, ttlSeconds: string) => ({
  host,
  purpose: purpose.text(),
  ttlSeconds,
  login: '',
})

function KeyForm(props: KindFormProps): JSX.Element {
  const { act } = useSession()
  const form = createForm({ name: 'sshKey.generate', initial: initial(props, '3600'), input: commonInput, call: act })
  return (
    <HostForm
      kind="key"
      name="sshKey.generate"
      verb="Generate"
      form={form}
      hosts={props.hosts}
      purpose={props.purpose}
      onDone={(answer, host) => props.onIssued({ kind: 'key', host, answer })}
    />
  )
}

function CertificateForm(props: KindFormProps): JSX.Element {
  const { act } = useSession()
  const form = createForm({
    name: 'sshCertificate.sign',
    initial: { ...initial(props, '900'), publicKey: '' },
    input: (values) => ({ ...commonInput(values), publicKey: (values['publicKey'] ?? '').trim() }),
    call: act,
  })
  return (
    <HostForm
      kind="certificate"
      name="sshCertificate.sign"
      verb="Sign"
      form={form}
      hosts={props.hosts}
      purpose={props.purpose}
      onDone={(answer, host) => props.onIssued({ kind: 'certificate', host, answer })}
    >
      <TextAreaField
        label="Your public key"
        mono
        rows={2}
        hint="One line of ~/.ssh/id_ed25519.pub. Never the private key."
        value={form.values()['publicKey'] ?? ''}
        problem={form.problem('publicKey')}
        onText={form.set('publicKey')}
      />
    </HostForm>
  )
}

function OtpForm(props: KindFormProps): JSX.Element {
  const { act } = useSession()
  const form = createForm({ name: 'sshOtp.issue', initial: initial(props, '300'), input: commonInput, call: act })
  return (
    <HostForm
      kind="otp"
      name="sshOtp.issue"
      verb="Issue password"
      form={form}
      hosts={props.hosts}
      purpose={props.purpose}
      onDone={(answer, host) => props.onIssued({ kind: 'otp', host, answer })}
    />
  )
}
