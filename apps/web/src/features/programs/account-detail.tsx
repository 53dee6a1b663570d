import { A, useNavigate, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { TextField } from '../../ui/field.tsx'
import { givenList } from '../../ui/form.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { TokenList } from './token-list.tsx'

type Account = Wire<'serviceAccount.get'>
type ActName = 'update' | 'disable' | 'delete'

/** One program's account with its tokens. */
export default function AccountDetail(): JSX.Element {
  const params = useParams()
  const loaded = createLoaded('serviceAccount.get', () => ({ id: params['id'] ?? '' }))
  return (
    <SidePanel kind="Service account" title={loaded.data()?.name ?? 'Service account'} back="/programs/accounts">
      <Answer of={loaded}>{(account) => <AccountFacts account={account()} onChange={loaded.put} />}</Answer>
    </SidePanel>
  )
}

function AccountFacts(props: { account: Account; onChange: (account: Account) => void }): JSX.Element {
  const access = useAccess()
  const [act, setAct] = createSignal<ActName | null>(null)
  const disabled = (): string | null =>
    props.account.status === 'disabled' ? 'This account is already disabled. Create a new one to use it again.' : null
  return (
    <>
      <div class="row">
        <StateMark state={props.account.status} />
      </div>
      <Facts
        of={[
          ['Description', props.account.description || <span class="muted">none</span>],
          ['Teams', props.account.teams.length === 0 ? 'none' : props.account.teams.join(', ')],
          ['Created', <ExactMoment at={props.account.createdAt} />],
          ['ID', <code>{props.account.id}</code>],
        ]}
      />
      <PanelSection title="Tokens">
        <Acts
          of={[
            {
              label: 'Create a token',
              look: 'primary',
              blocked:
                access.why('apiToken.create') ??
                (props.account.status === 'disabled' ? 'The account is disabled, so its tokens do not work.' : null),
              href: `/programs/new-token?account=${encodeURIComponent(props.account.name)}`,
            },
          ]}
        />
        <TokenList account={props.account.name} blocked={access.why('apiToken.revoke')} />
      </PanelSection>
      <PanelSection title="Related">
        <p>
          <A href={`/access/leases?principal=${encodeURIComponent(props.account.name)}`}>
            Credentials of {props.account.name}
          </A>
        </p>
        <p>
          <A href={`/record/audit?actor=${encodeURIComponent(props.account.name)}`}>
            Audit log of {props.account.name}
          </A>
        </p>
      </PanelSection>
      <Acts
        of={[
          { label: 'Edit', blocked: access.why('serviceAccount.update'), run: () => setAct('update') },
          {
            label: 'Disable access',
            look: 'danger',
            blocked: access.why('serviceAccount.disable') ?? disabled(),
            run: () => setAct('disable'),
          },
          {
            label: 'Delete',
            look: 'danger',
            blocked: access.why('serviceAccount.delete'),
            run: () => setAct('delete'),
          },
        ]}
      />
      <Show keyed when={act()}>
        {(name) => (
          <AccountAct act={name} account={props.account} onChange={props.onChange} onClose={() => setAct(null)} />
        )}
      </Show>
    </>
  )
}

interface ActProps {
  readonly account: Account
  readonly onChange: (account: Account) => void
  readonly onClose: () => void
}

function AccountAct(props: ActProps & { act: ActName }): JSX.Element {
  return (
    <Switch>
      <Match when={props.act === 'update'}>
        <EditAccount account={props.account} onChange={props.onChange} onClose={props.onClose} />
      </Match>
      <Match when={props.act === 'disable'}>
        <DisableAccount account={props.account} onChange={props.onChange} onClose={props.onClose} />
      </Match>
      <Match when={props.act === 'delete'}>
        <DeleteAccount account={props.account} onClose={props.onClose} />
      </Match>
    </Switch>
  )
}

/** What becomes of an account's tokens, in a sentence's middle. */
const tokensStop = ({ tokens }: Account): string => (tokens === 1 ? 'its token stops' : `its ${tokens} tokens stop`)

function EditAccount(props: ActProps): JSX.Element {
  return (
    <ActDialog
      name="serviceAccount.update"
      title={`Edit ${props.account.name}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{ description: props.account.description, teams: props.account.teams.join(', ') }}
      input={({ description = '', teams }) => ({ id: props.account.id, description, teams: givenList(teams) ?? [] })}
      done={(account) => `${account.name} saved.`}
      fields={(form) => (
        <>
          <TextField
            label="Description"
            autocomplete="off"
            value={form.values()['description']}
            problem={form.problem('description')}
            onText={form.set('description')}
          />
          <TextField
            label="Teams"
            hint="Names, comma-separated."
            autocomplete="off"
            value={form.values()['teams']}
            problem={form.problem('teams')}
            onText={form.set('teams')}
          />
        </>
      )}
    >
      <p class="muted">Changed teams apply to its next call; existing tokens stay valid.</p>
    </ActDialog>
  )
}

function DisableAccount(props: ActProps): JSX.Element {
  return (
    <ActDialog
      name="serviceAccount.disable"
      title={`Disable access for ${props.account.name}?`}
      verb="Disable access"
      look="danger"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.account.id, reason })}
      done={(account) => `Access disabled for ${account.name}.`}
    >
      <p>
        Its credentials are revoked now and {tokensStop(props.account)} working. Everything that uses this account will
        fail.
      </p>
    </ActDialog>
  )
}

function DeleteAccount(props: Omit<ActProps, 'onChange'>): JSX.Element {
  const navigate = useNavigate()
  return (
    <ActDialog
      name="serviceAccount.delete"
      title={`Delete ${props.account.name}?`}
      verb="Delete"
      look="danger"
      typed={props.account.name}
      onClose={props.onClose}
      onDone={() => navigate('/programs/accounts')}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.account.id, reason })}
      done={() => `${props.account.name} deleted.`}
    >
      <p>
        The account is deleted now and {tokensStop(props.account)} working. Its entries in the audit log stay. This
        cannot be undone.
      </p>
    </ActDialog>
  )
}
