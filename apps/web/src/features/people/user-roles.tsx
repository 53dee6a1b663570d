import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { X } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { roleOptions, type Role } from './roles.ts'

type User = Wire<'user.get'>
type Team = Wire<'team.get'>

/** Names with a cross each, which asks before it takes one away. */
export function Chips(props: {
  items: readonly string[]
  what: string
  none: string
  blocked: string | null
  onRemove: (name: string) => void
}): JSX.Element {
  return (
    <Show when={props.items.length > 0} fallback={<p class="muted">{props.none}</p>}>
      <ul class="chips">
        <For each={props.items}>
          {(name) => (
            <li class="chip" classList={{ 'chip-plain': props.blocked !== null }}>
              {name}
              <Show when={props.blocked === null}>
                <button
                  type="button"
                  class="chip-remove"
                  aria-label={`Remove ${props.what} ${name}`}
                  title={`Remove ${name}`}
                  onClick={() => props.onRemove(name)}
                >
                  <X aria-hidden="true" />
                </button>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

/** Picks one of several and asks for it to be added. */
export function AddOne(props: {
  label: string
  verb: string
  options: readonly (readonly [value: string, label: string])[]
  onAdd: (value: string) => void
}): JSX.Element {
  const [picked, setPicked] = createSignal('')
  const value = (): string =>
    props.options.some(([one]) => one === picked()) ? picked() : (props.options[0]?.[0] ?? '')
  return (
    <Show when={props.options.length > 0}>
      <div class="add-row">
        <SelectField label={props.label} value={value()} options={props.options} onText={setPicked} />
        <Button onClick={() => props.onAdd(value())}>{props.verb}</Button>
      </div>
    </Show>
  )
}

/** A person's roles: what each lets them do is said before it is given or taken. */
export function UserRoles(props: { user: User; blocked: string | null; onChange: (user: User) => void }): JSX.Element {
  const [change, setChange] = createSignal<{ readonly how: 'assign' | 'remove'; readonly role: Role } | null>(null)
  const others = (): readonly (readonly [string, string])[] =>
    roleOptions.filter(([role]) => !props.user.roles.includes(role))
  const roleOf = (name: string): Role => roleOptions.find(([role]) => role === name)?.[0] ?? 'Viewer'
  return (
    <PanelSection title="Roles">
      <Chips
        items={props.user.roles}
        what="role"
        none="No roles. They can only manage their own account."
        blocked={props.blocked}
        onRemove={(name) => setChange({ how: 'remove', role: roleOf(name) })}
      />
      <Show when={props.blocked}>{(why) => <p class="acts-why">{why()}</p>}</Show>
      <Show when={props.blocked === null}>
        <AddOne
          label="Add role"
          verb="Assign"
          options={others()}
          onAdd={(name) => setChange({ how: 'assign', role: roleOf(name) })}
        />
      </Show>
      <Show keyed when={change()}>
        {({ how, role }) => (
          <RoleDialog how={how} role={role} user={props.user} onDone={props.onChange} onClose={() => setChange(null)} />
        )}
      </Show>
    </PanelSection>
  )
}

/** What a role is for, as the server says it; what it may do stands in the policies. */
function RoleWords(props: { role: Role }): JSX.Element {
  const access = useAccess()
  const roles = createLoaded('role.list', () => (access.may('role.list') ? {} : null))
  const description = (): string | undefined => roles.data()?.roles.find(({ name }) => name === props.role)?.description
  return (
    <p>
      <strong>{props.role}</strong>
      <Show when={description()}>{(words) => <> — {words()}</>}</Show>.{' '}
      <span class="muted">The policies decide what this role may do.</span>
    </p>
  )
}

/** Gives a person a role, or takes it away. */
function RoleDialog(props: {
  how: 'assign' | 'remove'
  role: Role
  user: User
  onDone: (user: User) => void
  onClose: () => void
}): JSX.Element {
  const input = (): { user: string; role: Role } => ({ user: props.user.id, role: props.role })
  return (
    <Show
      when={props.how === 'assign'}
      fallback={
        <ActDialog
          name="role.remove"
          title={`Remove role ${props.role} from ${props.user.username}?`}
          verb="Remove role"
          look="danger"
          onClose={props.onClose}
          onDone={props.onDone}
          input={input}
          done={(user) => `Role ${props.role} removed from ${user.username}.`}
        >
          <RoleWords role={props.role} />
          <p>All sessions of {props.user.username} end now and they have to log in again.</p>
        </ActDialog>
      }
    >
      <ActDialog
        name="role.assign"
        title={`Assign role ${props.role} to ${props.user.username}?`}
        verb="Assign role"
        onClose={props.onClose}
        onDone={props.onDone}
        input={input}
        done={(user) => `Role ${props.role} assigned to ${user.username}.`}
      >
        <RoleWords role={props.role} />
      </ActDialog>
    </Show>
  )
}

/** A person's teams: they open workspaces. */
export function UserTeams(props: { user: User; blocked: string | null; reload: () => void }): JSX.Element {
  const teams = createLoaded('team.list', () => (props.blocked === null ? { first: 200 } : null))
  const [change, setChange] = createSignal<{ readonly how: 'add' | 'remove'; readonly team: string } | null>(null)
  const others = (): readonly (readonly [string, string])[] =>
    (teams.data()?.items ?? [])
      .filter(({ name }: Team) => !props.user.teams.includes(name))
      .map(({ name }) => [name, name] as const)
  return (
    <PanelSection title="Teams">
      <Chips
        items={props.user.teams}
        what="team"
        none="No teams, so no access to workspaces."
        blocked={props.blocked}
        onRemove={(team) => setChange({ how: 'remove', team })}
      />
      <Show when={props.blocked === null}>
        <AddOne label="Add team" verb="Add" options={others()} onAdd={(team) => setChange({ how: 'add', team })} />
      </Show>
      <Show keyed when={change()}>
        {({ how, team }) => (
          <MemberDialog how={how} team={team} user={props.user} onDone={props.reload} onClose={() => setChange(null)} />
        )}
      </Show>
    </PanelSection>
  )
}

/** Puts a person into a team, or takes them out. */
export function MemberDialog(props: {
  how: 'add' | 'remove'
  team: string
  user: { readonly id: string; readonly username: string }
  onDone: () => void
  onClose: () => void
}): JSX.Element {
  return (
    <Show
      when={props.how === 'add'}
      fallback={
        <ActDialog
          name="team.removeMember"
          title={`Remove ${props.user.username} from ${props.team}?`}
          verb="Remove"
          look="danger"
          onClose={props.onClose}
          onDone={() => props.onDone()}
          input={() => ({ id: props.team, user: props.user.id })}
          done={() => `${props.user.username} removed from ${props.team}.`}
        >
          <p>
            {props.user.username} loses access to the workspaces of {props.team}. Credentials that they already hold
            stay valid until they expire.
          </p>
        </ActDialog>
      }
    >
      <ActDialog
        name="team.addMember"
        title={`Add ${props.user.username} to ${props.team}?`}
        verb="Add"
        onClose={props.onClose}
        onDone={() => props.onDone()}
        input={() => ({ id: props.team, user: props.user.id })}
        done={() => `${props.user.username} added to ${props.team}.`}
      >
        <p>
          {props.user.username} gets access to the workspaces of {props.team}, as far as their roles allow.
        </p>
      </ActDialog>
    </Show>
  )
}
