import { A, useLocation, useNavigate, useParams } from '@solidjs/router'
import { createSignal, Match, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel, type Fact } from '../../ui/panel.tsx'
import { counted } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { kindName } from '../backends/backend-words.ts'
import { TermsFacts } from '../issue/terms.tsx'
import { roleTerms } from '../issue/terms-words.ts'
import { WorkspaceName } from '../workspaces/workspace-names.tsx'
import { roleTexts, updateInput, type Role } from './role-draft.ts'
import { RoleFields } from './role-fields.tsx'

/** One role: what its credentials can do and how they end, and the way to get one. */
export default function RoleDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('secretRole.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Credential role" title={loaded.data()?.name ?? 'Role'} back="/access/roles">
      <Answer of={loaded}>{(role) => <RoleFacts role={role()} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

interface RoleProps {
  readonly role: Role
  readonly onChange: (role: Role) => void
}

const quotaWords = (max: number | null): string => (max === null ? 'any number' : counted(max, 'lease'))

/** What only one kind of role says. */
function kindFacts({ aws, upcloud }: Role): readonly Fact[] {
  if (aws !== null)
    return [
      ['Session policy', aws.policy === null ? 'none: all rights of the role' : <code>{aws.policy}</code>],
      ['External ID', aws.externalId ?? undefined],
      [
        'Session tags',
        aws.tags.length === 0 ? undefined : aws.tags.map(({ key, value }) => `${key}=${value}`).join(', '),
      ],
    ]
  if (upcloud !== null && upcloud.addresses.length === 0) return [['Allowed sources', 'everywhere']]
  return []
}

function RoleFacts(props: RoleProps): JSX.Element {
  const access = useAccess()
  return (
    <>
      <Acts
        of={[
          {
            label: 'Issue a credential',
            look: 'primary',
            href: `/access/issue?role=${encodeURIComponent(props.role.id)}`,
            blocked: access.why('lease.issue', props.role.workspace),
          },
        ]}
      />
      <TermsFacts of={roleTerms(props.role, props.role.ttlSecondsMax)} />
      <Facts
        of={[
          ['Kind', kindName(props.role.kind)],
          ['Backend', <A href={`/access/backends/${props.role.backendId}`}>{props.role.backend}</A>],
          ['Workspace', <WorkspaceName id={props.role.workspace} />],
          ['Active at once', quotaWords(props.role.leasesMax)],
          ['For each owner', quotaWords(props.role.leasesEachMax)],
          ...kindFacts(props.role),
          ['Created', <ExactMoment at={props.role.createdAt} />],
          ['ID', <code>{props.role.id}</code>],
        ]}
      />
      <PanelSection title="For one command">
        <CopyBlock
          text={`npx --no-install gatehouse lease run ${props.role.name} -- COMMAND`}
          what="command with a credential of its own"
        />
      </PanelSection>
      <PanelSection title="Related">
        <p>
          <A href={`/access/leases?search=${encodeURIComponent(props.role.name)}`}>Leases of this role</A>
        </p>
        <p>
          <A href={`/access/revoke?role=${encodeURIComponent(props.role.id)}`}>Revoke its credentials</A>
        </p>
      </PanelSection>
      <RoleAdministration {...props} />
    </>
  )
}

type ActName = 'update' | 'delete'

/** Changes and deletes a role. */
function RoleAdministration(props: RoleProps): JSX.Element {
  const access = useAccess()
  const navigate = useNavigate()
  const location = useLocation()
  const [act, setAct] = createSignal<ActName | null>(null)
  const close = (): void => void setAct(null)
  return (
    <>
      <Acts
        of={[
          {
            label: 'Edit',
            blocked: access.why('secretRole.update', props.role.workspace),
            run: () => setAct('update'),
          },
          {
            label: 'Delete',
            look: 'danger',
            blocked: access.why('secretRole.delete', props.role.workspace),
            run: () => setAct('delete'),
          },
        ]}
      />
      <Switch>
        <Match when={act() === 'update'}>
          <UpdateRole {...props} onClose={close} />
        </Match>
        <Match when={act() === 'delete'}>
          <DeleteRole role={props.role} onClose={close} onDeleted={() => navigate(`/access/roles${location.search}`)} />
        </Match>
      </Switch>
    </>
  )
}

function UpdateRole(props: RoleProps & { onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="secretRole.update"
      title={`Edit ${props.role.name}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={roleTexts(props.role)}
      input={(values) => updateInput(props.role, values)}
      done={({ name }) => `${name} saved.`}
      fields={(form) => <RoleFields form={form} kind={props.role.kind} />}
    >
      <p class="muted">
        It holds for credentials that are asked for from now on. Active ones stay as they are, and cannot be renewed
        beyond the new lifetime.
      </p>
    </ActDialog>
  )
}

function DeleteRole(props: { role: Role; onClose: () => void; onDeleted: () => void }): JSX.Element {
  return (
    <ActDialog
      name="secretRole.delete"
      title={`Delete ${props.role.name}?`}
      verb="Delete role"
      look="danger"
      typed={props.role.name}
      onClose={props.onClose}
      onDone={() => props.onDeleted()}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.role.id, reason })}
      done={({ name, livingLeases }) =>
        livingLeases === 0
          ? `${name} deleted.`
          : `${name} deleted; ${counted(livingLeases, 'active lease')} of it live to their ends.`
      }
    >
      <p>
        Nobody can ask for it any more. Its active credentials work until they expire: revoke them first if they should
        not.
      </p>
    </ActDialog>
  )
}
