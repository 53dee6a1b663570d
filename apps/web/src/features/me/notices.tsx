import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { BellOff } from '../../generated/icons.tsx'
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

/** Without the command that does for a terminal what the lead above says for this page. */
const webText = (text: string): string => text.replace(/ \(gatehouse [^)]*\)/, '')

const columns: readonly Column<Notice>[] = [
  {
    title: 'Event',
    rank: 'main',
    cell: (notice) => (
      <span class="notice-text" classList={{ 'notice-unread': notice.readAt === null }}>
        {webText(notice.text)}
      </span>
    ),
  },
  { title: 'When', cell: (notice) => <Moment at={notice.createdAt} /> },
  { title: 'State', cell: (notice) => <StateMark state={notice.readAt === null ? 'unread' : 'read'} /> },
]

/** Marks one notice, or all of them, as read. */
function createMarking(reload: () => Promise<void>) {
  const session = useSession()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const mark = async (id?: string): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await session.act('notification.markRead', id === undefined ? {} : { id })
      await reload()
      tellNoticesRead()
    } catch (problem) {
      setError(() => problem)
    } finally {
      setBusy(false)
    }
  }
  return { mark, busy, error }
}

/** What happened to the person's account, newest first. */
export default function Notices(): JSX.Element {
  const filters = createFilters()
  const loaded = createLoaded('notification.list', () => ({
    first: 50,
    after: filters.value('after'),
    unread: filters.value('show') === 'unread',
  }))
  const marking = createMarking(loaded.reload)
  const unread = (): boolean => (loaded.data()?.items ?? []).some(({ readAt }) => readAt === null)
  return (
    <Page
      title="Notices"
      lead="Security events of your account. If it was not you, end your other sessions and change your password."
      actions={
        <Show when={unread()}>
          <Button busy={marking.busy()} onClick={() => void marking.mark()}>
            Mark all as read
          </Button>
        </Show>
      }
    >
      <FilterBar active={filters.any(['show'])} onClear={() => filters.clear(['show'])}>
        <SelectFilter
          label="Show"
          none="all"
          value={filters.value('show')}
          options={[['unread', 'unread only']]}
          onPick={(value) => filters.set('show', value)}
        />
      </FilterBar>
      <Show when={marking.error()}>{(problem) => <Problem error={problem()} />}</Show>
      <ListAnswer
        of={loaded}
        label="Notices"
        columns={columns}
        key={({ id }) => id}
        empty={<NoNotices filtered={filters.any(['show'])} />}
        actions={(notice) => (
          <Show when={notice.readAt === null}>
            <Button
              class="button-small"
              disabled={marking.busy()}
              onClick={() => void marking.mark(notice.id)}
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

function NoNotices(props: { filtered: boolean }): JSX.Element {
  return (
    <Empty
      title={props.filtered ? 'No unread notices' : 'No notices yet'}
      icon={<BellOff />}
      command="npx --no-install gatehouse notification list"
    >
      You are notified here about log-ins and changes to your authenticators, password, roles and tokens.
    </Empty>
  )
}
