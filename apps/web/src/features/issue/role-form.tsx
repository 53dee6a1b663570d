import { useSearchParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Vault } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { Empty } from '../../ui/feedback.tsx'
import { SelectField } from '../../ui/field.tsx'
import { createForm, given, type Form } from '../../ui/form.ts'
import { Answer, Problem } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { kindWords } from '../leases/lease-words.ts'
import { PurposeField, SendIt } from './host-form.tsx'
import type { Issued, KeptPurpose } from './issued.ts'
import { TermsNote } from './terms.tsx'
import { firstRoleTtl, roleTerms, roleTtls, wrapOptions, type Role } from './terms-words.ts'

interface RoleFormProps {
  readonly purpose: KeptPurpose
  readonly onIssued: (issued: Issued) => void
}

/** As many as a list gives at once. */
const rolesAsked = 200

/** The form of a role's credential, once it is known which roles there are. */
export function RoleForm(props: RoleFormProps): JSX.Element {
  const roles = createLoaded('secretRole.list', () => ({ first: rolesAsked }))
  return (
    <Answer of={roles} lines={5}>
      {(page) => (
        <Show
          when={page().items.length > 0}
          fallback={
            <Empty
              title="No roles yet"
              icon={<Vault />}
              command="npx --no-install gatehouse secret-backend configure shop-db"
            >
              A role says what credentials of a database, a cloud or a Vault can do. An administrator creates it.
            </Empty>
          }
        >
          <AmongRoles {...props} roles={page().items} />
        </Show>
      )}
    </Answer>
  )
}

const optionOf = (role: Role): readonly [string, string] => [
  role.id,
  `${role.name} · ${kindWords({ backend: role.kind })} · ${role.backend}`,
]

function AmongRoles(props: RoleFormProps & { roles: readonly Role[] }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const [params] = useSearchParams<{ role?: string }>()
  const first = props.roles.find(({ id, name }) => params.role === id || params.role === name) ?? props.roles[0]
  const form = createForm({
    name: 'lease.issue',
    initial: {
      role: first?.id ?? '',
      purpose: props.purpose.text(),
      ttlSeconds: first === undefined ? '' : firstRoleTtl(first),
      wrapSeconds: '',
    },
    input: ({ role: id = '', purpose = '', ttlSeconds = '', wrapSeconds }) => ({
      role: id,
      purpose,
      ttlSeconds: Number(ttlSeconds),
      wrapSeconds: given(wrapSeconds) === undefined ? undefined : Number(wrapSeconds),
    }),
    call: session.act,
  })
  const value = (field: string): string => form.values()[field] ?? ''
  const role = (): Role | undefined => props.roles.find(({ id }) => id === value('role'))
  const why = (): Blocked => access.why('lease.issue', role()?.workspace)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const wanted = role()
    if (why() !== null || wanted === undefined) return
    const answer = await form.send()
    if (answer !== null) props.onIssued({ kind: 'role', role: wanted, answer })
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Show when={form.error()}>{(error) => <Problem error={error()} />}</Show>
      <RoleFields form={form} roles={props.roles} chosen={role()} />
      <PurposeField form={form} kept={props.purpose} />
      <Show when={role()}>{(chosen) => <TermsNote of={roleTerms(chosen(), Number(value('ttlSeconds')))} />}</Show>
      <SendIt verb="Issue credential" busy={form.busy()} why={why()} />
    </form>
  )
}

/** Of which role, for how long, and who opens it. A time that the role does not give, or the lease not live, goes. */
function RoleFields(props: {
  form: Form<Wire<'lease.issue'>>
  roles: readonly Role[]
  chosen: Role | undefined
}): JSX.Element {
  const value = (field: string): string => props.form.values()[field] ?? ''
  const live = (ttlSeconds: string): void => {
    props.form.set('ttlSeconds')(ttlSeconds)
    if (Number(value('wrapSeconds')) > Number(ttlSeconds)) props.form.set('wrapSeconds')('')
  }
  const choose = (id: string): void => {
    props.form.set('role')(id)
    if (props.chosen !== undefined) live(firstRoleTtl(props.chosen))
  }
  return (
    <>
      <SelectField
        label="Role"
        value={value('role')}
        options={props.roles.map(optionOf)}
        onText={choose}
        problem={props.form.problem('role')}
      />
      <div class="form-columns">
        <SelectField
          label="Valid for"
          value={value('ttlSeconds')}
          options={roleTtls(props.chosen ?? { ttlSecondsMin: 0, ttlSecondsMax: 0 })}
          onText={live}
          problem={props.form.problem('ttlSeconds')}
        />
        <SelectField
          label="Opened by"
          hint="Wrapped: you get a token to hand over. It opens the credential once, without a log-in."
          value={value('wrapSeconds')}
          options={wrapOptions(Number(value('ttlSeconds')))}
          onText={props.form.set('wrapSeconds')}
          problem={props.form.problem('wrapSeconds')}
        />
      </div>
    </>
  )
}
