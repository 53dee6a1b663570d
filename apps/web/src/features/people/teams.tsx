import type { Wire } from '@gatehouse/contract'
import UsersRound from 'lucide-solid/icons/users-round'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters } from '../../ui/filters.tsx'
import { DataList, Pager, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'

type Team = Wire<'team.get'>

const columns: readonly Column<Team>[] = [
  { title: 'Team', rank: 'main', cell: (team) => team.name },
  { title: 'For', cell: (team) => team.description === '' ? <span class="muted">—</span> : team.description },
  { title: 'Members', cell: (team) => team.members.length === 0 ? <span class="muted">nobody</span> : team.members.map(({ username }) => username).join(', ') },
  { title: 'Created', cell: (team) => <Moment at={team.createdAt} />, rank: 'late' },
]

/** Teams and who is in them. */
export default function Teams(): JSX.Element {
  const filters = createFilters()
  const loaded = createLoaded('team.list', () => ({ first: 50, after: filters.value('after') }))
  return (
    <Page title="Teams" lead="Who works together; workspaces are open to teams.">
      <Split detail={undefined}>
        <Answer of={loaded}>
          {(page) => (
            <>
              <Show when={page().items.length > 0} fallback={<Empty title="No teams" icon={<UsersRound />} command="npx --no-install gatehouse team create sre">A team is who may see a workspace.</Empty>}>
                <DataList label="Teams" items={page().items} columns={columns} key={(team) => team.id} />
              </Show>
              <Pager nextCursor={page().nextCursor} />
            </>
          )}
        </Answer>
      </Split>
    </Page>
  )
}
