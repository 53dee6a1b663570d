import type { Wire } from '@gatehouse/contract'
import BellOff from 'lucide-solid/icons/bell-off'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Problem } from '../answer/answer.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { tellNoticesRead } from './unread-notices.tsx'
import './me.css'

type Notice = Wire<'notification.list'>['items'][number]

const columns: readonly Column<Notice>[] = [
  {
    title: 'Event',
    rank: 'main',
    cell: (notice) => (
      <span class="notice-text" classList={{ 'notice-unread': notice.readAt === null }}>
        {notice.text}
      </span>
    ),
  },
  { title: 'When', cell: (notice) => <Moment at={notice.createdAt} /> },
  { title: 'State', cell: (notice) => <StateMark state={notice.readAt === null ? 'unread' : 'read'} /> },
]

/** What happened to the person's account, newest first. */
export default function Notices(): JSX.Element {
  const session = useSession()
  const filters = createFilters()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const loaded = createLoaded('notification.list', () => ({
    first: 50,
    after: filters.value('after'),
    unread: filters.value('show') === 'unread',
  }))
  const markRead = async (id?: string): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await session.act('notification.markRead', id === undefined ? {} : { id })
      await loaded.reload()
      tellNoticesRead()
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  const unread = (): boolean => (loaded.data()?.items ?? []).some(({ readAt }) => readAt === null)
  return (
    <Page
      title="Notices"
      lead="Security events of your account. If it was not you, end your other sessions and change your password."
      actions={
        <Show when={unread()}>
          <Button busy={busy()} onClick={() => void markRead()}>
            Mark all as read
          </Button>
        </Show>
      }
    >
      <FilterBar active={filters.any(['show'])} onClear={() => filters.clear(['show'])}>
        <SelectFilter
          label="Show"
          value={filters.value('show')}
          options={[['unread', 'unread only']]}
          onPick={(value) => filters.set('show', value)}
        />
      </FilterBar>
      <Show when={error()}>{(problem) => <Problem error={problem()} />}</Show>
      <ListAnswer
        of={loaded}
        label="Notices"
        columns={columns}
        key={({ id }) => id}
        empty={
          <Empty
            title={filters.any(['show']) ? 'No unread notices' : 'No notices yet'}
            icon={<BellOff />}
            command="npx --no-install gatehouse notification list"
          >
            You are notified here about log-ins and changes to your authenticators, password, roles and tokens.
          </Empty>
        }
        actions={(notice) => (
          <Show when={notice.readAt === null}>
            <Button
              class="button-small"
              disabled={busy()}
              onClick={() => void markRead(notice.id)}
              aria-label={`Mark as read: ${notice.text}`}
            >
              Mark as read
            </Button>
          </Show>
        )}
      />
    </Page>
  )
}
