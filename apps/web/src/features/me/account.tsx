import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { useNotices } from '../../ui/notices.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'
import { ChangePassword } from '../log-in/first-steps.tsx'
import { assuranceWords } from './assurance-words.ts'

type Authenticator = Wire<'authenticator.list'>['items'][number]

const columns: readonly Column<Authenticator>[] = [
  { title: 'Name', rank: 'main', cell: (authenticator) => authenticator.name },
  { title: 'Kind', cell: (authenticator) => (authenticator.kind === 'totp' ? 'codes (TOTP)' : 'passkey') },
  { title: 'State', cell: (authenticator) => <StateMark state={authenticator.confirmed ? 'active' : 'pending'} /> },
  { title: 'Added', cell: (authenticator) => <Moment at={authenticator.createdAt} /> },
  { title: 'Last used', cell: (authenticator) => <Moment at={authenticator.lastUsedAt} /> },
]

/** Who the person is here, by what they prove it, and their password. */
export default function Account(): JSX.Element {
  const session = useSession()
  const { tell } = useNotices()
  const authenticators = createLoaded('authenticator.list', () => ({ first: 50 }))
  return (
    <Page title="Account" lead="Who you are here, and by what you prove it.">
      <Show when={session.me()}>
        {(me) => (
          <div class="card narrow">
            <Facts of={[
              ['User name', me().username], ['Name', me().displayName], [me().roles.length === 1 ? 'Role' : 'Roles', me().roles.join(', ')], ['Teams', me().teams.length === 0 ? 'none' : me().teams.join(', ')],
              ['This session', assuranceWords[me().assurance]], ['Proved', <ExactMoment at={me().assuranceAt} />], ['Ends', <ExactMoment at={me().sessionExpiresAt} />],
            ]} />
          </div>
        )}
      </Show>
      <Section title="Authenticators"><Answer of={authenticators} lines={2}>{(page) => <DataList label="Authenticators" items={page().items} columns={columns} key={({ id }) => id} />}</Answer></Section>
      <Section title="Password">
        <div class="card narrow"><ChangePassword currentLabel="Current password" onDone={() => { tell('Password changed; your other sessions have ended.'); void session.reload() }} /></div>
      </Section>
    </Page>
  )
}
