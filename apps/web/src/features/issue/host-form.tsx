import { Show, type JSX } from 'solid-js'
import { Button } from '../../ui/button.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { given, type Form } from '../../ui/form.ts'
import type { CallName } from '../../wire.ts'
import { Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { UnboundNote } from '../hosts/unbound.tsx'
import type { KeptPurpose } from './issued.ts'
import { TermsNote } from './terms.tsx'
import { sshTerms, sshTtls, whyNoOtp, type Host, type SshKind } from './terms-words.ts'
import '../../ui/acts.css'

/** What every credential for a host is asked with. */
export const commonInput = (
  values: Readonly<Record<string, string>>,
): { host: string; purpose: string; ttlSeconds: number; login: string | undefined } => ({
  host: values['host'] ?? '',
  purpose: values['purpose'] ?? '',
  ttlSeconds: Number(values['ttlSeconds']),
  login: given(values['login']),
})

interface HostFormProps<T> {
  readonly kind: SshKind
  readonly name: CallName
  readonly verb: string
  readonly form: Form<T>
  readonly hosts: readonly Host[]
  readonly purpose: KeptPurpose
  readonly onDone: (answer: T, host: Host) => void
  /** Fields of this kind alone; they come first. */
  readonly children?: JSX.Element
}

/** A form for a host: what is asked for, what that will be able to do, and the button. */
export function HostForm<T>(props: HostFormProps<T>): JSX.Element {
  const access = useAccess()
  const value = (field: string): string => props.form.values()[field] ?? ''
  const host = (): Host | undefined => props.hosts.find(({ name }) => name === value('host'))
  const noOtp = (): string | null => {
    const wanted = host()
    return props.kind !== 'otp' || wanted === undefined ? null : whyNoOtp(wanted)
  }
  const why = (): Blocked => access.why(props.name) ?? noOtp()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const wanted = host()
    if (why() !== null || wanted === undefined) return
    const answer = await props.form.send()
    if (answer !== null) props.onDone(answer, wanted)
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={props.form.error()}>{(error) => <Problem error={error()} />}</Show>
      {props.children}
      <HostFields {...props} host={host()} />
      <Show when={host()}>
        {(chosen) => (
          <TermsNote
            of={sshTerms({
              kind: props.kind,
              host: chosen(),
              account: value('login') || chosen().user,
              ttlSeconds: Number(value('ttlSeconds')),
            })}
          />
        )}
      </Show>
      <SendIt verb={props.verb} busy={props.form.busy()} why={why()} />
    </form>
  )
}

/** The button of a form, and why it can't be pressed. */
export function SendIt(props: { verb: string; busy: boolean; why: Blocked }): JSX.Element {
  return (
    <>
      <div class="form-actions">
        <Button type="submit" look="primary" busy={props.busy} blocked={props.why}>
          {props.verb}
        </Button>
      </div>
      <Show when={props.why}>{(why) => <p class="acts-why">{why()}</p>}</Show>
    </>
  )
}

interface HostFieldsProps {
  readonly kind: SshKind
  readonly form: Form<unknown>
  readonly hosts: readonly Host[]
  readonly purpose: KeptPurpose
  readonly host: Host | undefined
}

function HostFields(props: HostFieldsProps): JSX.Element {
  const logins = (): readonly (readonly [string, string])[] => {
    const host = props.host
    if (host === undefined) return []
    return [
      ['', host.user],
      ...host.principals.filter((name) => name !== host.user).map((name) => [name, name] as const),
    ]
  }
  const select = (field: string) => ({
    value: props.form.values()[field] ?? '',
    onText: props.form.set(field),
    problem: props.form.problem(field),
  })
  return (
    <>
      <div class="form-columns">
        <SelectField
          label="Host"
          options={props.hosts.map(({ name, unbound }) => [name, unbound ? `${name} (unbound)` : name] as const)}
          {...select('host')}
        />
        <SelectField label="Log in as" options={logins()} {...select('login')} />
        <SelectField label="Valid for" options={sshTtls(props.kind)} {...select('ttlSeconds')} />
      </div>
      <UnboundNote when={props.host?.unbound === true && props.kind === 'certificate'} />
      <PurposeField form={props.form} kept={props.purpose} />
    </>
  )
}

/** Why somebody needs it. */
export function PurposeField(props: { form: Form<unknown>; kept: KeptPurpose }): JSX.Element {
  const onText = (text: string): void => {
    props.form.set('purpose')(text)
    props.kept.keep(text)
  }
  return (
    <TextField
      label="Purpose"
      hint="Why you need access. Recorded in the audit log."
      autocomplete="off"
      value={props.form.values()['purpose'] ?? ''}
      problem={props.form.problem('purpose')}
      onText={onText}
    />
  )
}
