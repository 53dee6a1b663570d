import type { Wire } from '@gatehouse/contract'
import X from 'lucide-solid/icons/x'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { roleOptions, roleWords, type Role } from './roles.ts'

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
        none="No role: they may do nothing but look after their own account."
        blocked={props.blocked}
        onRemove={(name) => setChange({ how: 'remove', role: roleOf(name) })}
      />
      <Show when={props.blocked === null} fallback={<p class="acts-why">{props.blocked}</p>}>
        <AddOne
          label="Another role"
          verb="Assign"
          options={others()}
          onAdd={(name) => setChange({ how: 'assign', role: roleOf(name) })}
        />
      </Show>
      <Show keyed when={change()}>
        {({ how, role }) => (
          <Show
            when={how === 'assign'}
            fallback={
              <ActDialog
                name="role.remove"
                title={`Take ${role} from ${props.user.username}?`}
                verb="Remove role"
                look="danger"
                onClose={() => setChange(null)}
                onDone={props.onChange}
                input={() => ({ user: props.user.id, role })}
                done={(user) => `${user.username} is no longer ${role}.`}
              >
                <p>
                  {props.user.username} loses what the role gives: {roleWords[role]}. All their sessions end now,
                  everywhere; they log in again with what is left.
                </p>
              </ActDialog>
            }
          >
            <ActDialog
              name="role.assign"
              title={`Make ${props.user.username} ${role}?`}
              verb="Assign role"
              onClose={() => setChange(null)}
              onDone={props.onChange}
              input={() => ({ user: props.user.id, role })}
              done={(user) => `${user.username} is ${role} now.`}
            >
              <p>
                {props.user.username} gets what the role gives: {roleWords[role]}.
              </p>
              <Show when={role === 'Viewer' || role === 'Auditor'}>
                <p>
                  Mind that {role}s change nothing: whatever roles stand beside it, {props.user.username} will only
                  read.
                </p>
              </Show>
            </ActDialog>
          </Show>
        )}
      </Show>
    </PanelSection>
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
        none="In no team: no workspace is open to them."
        blocked={props.blocked}
        onRemove={(team) => setChange({ how: 'remove', team })}
      />
      <Show when={props.blocked === null}>
        <AddOne label="Another team" verb="Add" options={others()} onAdd={(team) => setChange({ how: 'add', team })} />
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
          title={`Take ${props.user.username} out of ${props.team}?`}
          verb="Remove"
          look="danger"
          onClose={props.onClose}
          onDone={() => props.onDone()}
          input={() => ({ id: props.team, user: props.user.id })}
          done={() => `${props.user.username} is out of ${props.team}.`}
        >
          <p>
            {props.user.username} no longer sees the workspaces that are open to {props.team}, and gets no credential in
            them. Credentials they hold already live on to their end.
          </p>
        </ActDialog>
      }
    >
      <ActDialog
        name="team.addMember"
        title={`Put ${props.user.username} into ${props.team}?`}
        verb="Add"
        onClose={props.onClose}
        onDone={() => props.onDone()}
        input={() => ({ id: props.team, user: props.user.id })}
        done={() => `${props.user.username} is in ${props.team} now.`}
      >
        <p>
          {props.user.username} sees the workspaces that are open to {props.team}, and may get credentials there as
          their roles say.
        </p>
      </ActDialog>
    </Show>
  )
}
