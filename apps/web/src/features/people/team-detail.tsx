import { useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { AddOne, Chips, MemberDialog } from './user-roles.tsx'
import './people.css'

type Team = Wire<'team.get'>
type Member = Team['members'][number]

/** A longer list nobody picks from. */
const offeredMax = 200

/** One team: what it is for and who is in it. */
export default function TeamDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('team.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Team" title={loaded.data()?.name ?? 'Team'} back="/people/teams">
      <Answer of={loaded}>
        {(team) => <TeamFacts team={team()} onChange={loaded.put} reload={() => void loaded.reload()} />}
      </Answer>
    </SidePanel>
  )
}

function TeamFacts(props: { team: Team; onChange: (team: Team) => void; reload: () => void }): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const [act, setAct] = createSignal<'update' | 'remove' | null>(null)
  return (
    <>
      <Facts
        of={[
          ['Description', props.team.description || <span class="muted">none</span>],
          ['Created', <ExactMoment at={props.team.createdAt} />],
          ['ID', <code>{props.team.id}</code>],
        ]}
      />
      <TeamMembers
        team={props.team}
        blocked={access.whyNone(['team.addMember', 'team.removeMember'], 'change team members')}
        reload={props.reload}
      />
      <Acts
        of={[
          { label: 'Edit', blocked: access.why('team.update'), run: () => setAct('update') },
          { label: 'Remove team', look: 'danger', blocked: access.why('team.remove'), run: () => setAct('remove') },
        ]}
      />
      <Show when={act() === 'update'}>
        <UpdateTeam team={props.team} onDone={props.onChange} onClose={() => setAct(null)} />
      </Show>
      <Show when={act() === 'remove'}>
        <ActDialog
          name="team.remove"
          title={`Remove ${props.team.name}?`}
          verb="Remove team"
          look="danger"
          typed={props.team.name}
          onClose={() => setAct(null)}
          onDone={() => navigate('/people/teams')}
          input={() => ({ id: props.team.id })}
          done={() => `${props.team.name} removed.`}
        >
          <p>
            {props.team.members.length === 1 ? 'Its member loses' : `Its ${props.team.members.length} members lose`} the
            access that they have through {props.team.name}. Their accounts stay. This cannot be undone.
          </p>
        </ActDialog>
      </Show>
    </>
  )
}

function TeamMembers(props: { team: Team; blocked: string | null; reload: () => void }): JSX.Element {
  const users = createLoaded('user.list', () =>
    props.blocked === null ? { first: offeredMax, status: 'active' as const } : null,
  )
  const [change, setChange] = createSignal<{ readonly how: 'add' | 'remove'; readonly user: Member } | null>(null)
  const others = (): readonly (readonly [string, string])[] =>
    (users.data()?.items ?? [])
      .filter(({ id }) => !props.team.members.some((member) => member.id === id))
      .map(({ username }) => [username, username] as const)
  const add = (username: string): void => {
    const user = users.data()?.items.find((one) => one.username === username)
    if (user !== undefined) setChange({ how: 'add', user })
  }
  const remove = (username: string): void => {
    const user = props.team.members.find((one) => one.username === username)
    if (user !== undefined) setChange({ how: 'remove', user })
  }
  return (
    <PanelSection title={`Members · ${props.team.members.length}`}>
      <Chips
        items={props.team.members.map(({ username }) => username)}
        what="member"
        none="No members yet."
        blocked={props.blocked}
        onRemove={remove}
      />
      <Show when={props.blocked === null}>
        <AddOne label="Add member" verb="Add" options={others()} onAdd={add} />
      </Show>
      <Show when={users.data()?.nextCursor}>
        <p class="muted">Only the {offeredMax} newest people are listed. Add other people on their page under Users.</p>
      </Show>
      <Show keyed when={change()}>
        {({ how, user }) => (
          <MemberDialog
            how={how}
            team={props.team.name}
            user={user}
            onDone={props.reload}
            onClose={() => setChange(null)}
          />
        )}
      </Show>
    </PanelSection>
  )
}

function UpdateTeam(props: { team: Team; onDone: (team: Team) => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="team.update"
      title={`Edit ${props.team.name}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ name: props.team.name, description: props.team.description }}
      input={({ name = '', description = '' }) => ({ id: props.team.id, name, description })}
      done={(team) => `${team.name} saved.`}
      fields={(form) => (
        <>
          <TextField
            label="Name"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={form.values()['name']}
            problem={form.problem('name')}
            onText={form.set('name')}
          />
          <TextField
            label="Description"
            autocomplete="off"
            value={form.values()['description']}
            problem={form.problem('description')}
            onText={form.set('description')}
          />
        </>
      )}
    >
      <p class="muted">Policies and workspaces refer to the team by its ID, so renaming it does not affect access.</p>
    </ActDialog>
  )
}
