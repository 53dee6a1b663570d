import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Lock as LockIcon } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, pageAsked, SelectFilter } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { CreateLock } from './create-lock.tsx'
import { kindWords, lockKinds, lockState, type Lock } from './lock-words.ts'

const listEveryMs = 10_000
const filterNames = ['kind', 'all'] as const

const columns: readonly Column<Lock>[] = [
  { title: 'Locked', rank: 'main', cell: ({ name }) => name },
  { title: 'Kind', cell: ({ kind }) => kindWords[kind] },
  { title: 'Until', cell: (lock) => <Until lock={lock} /> },
  { title: 'Reason', cell: ({ reason }) => reason, free: true },
  { title: 'Locked by', cell: ({ createdByName }) => createdByName ?? <span class="muted">deleted account</span> },
  { title: 'Since', cell: ({ createdAt }) => <Moment at={createdAt} />, rank: 'late' },
]

/** What is denied at once, whatever the policies allow, and the way to lock more. */
export default function Locks(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const [creating, setCreating] = createSignal(false)
  const loaded = createLoaded(
    'lock.list',
    () =>
      ({
        ...pageAsked(filters, ['kind']),
        all: filters.value('all') === undefined ? undefined : true,
      }) as Raw<'lock.list'>,
    { everyMs: listEveryMs },
  ) // values of the URL; the server refuses what is none
  return (
    <Page
      title="Locks"
      lead="Denied at once, whatever policies allow. A lock revokes no credentials; when it ends, access is as before."
      actions={
        <Acts
          of={[
            {
              label: 'Create lock',
              look: 'primary',
              icon: <LockIcon aria-hidden="true" />,
              blocked: access.why('lock.create'),
              run: () => setCreating(true),
            },
          ]}
        />
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="Kind"
          value={filters.value('kind')}
          options={lockKinds.map((kind) => [kind, kindWords[kind]] as const)}
          onPick={(value) => filters.set('kind', value)}
        />
        <SelectFilter
          label="Ended locks"
          none="hidden"
          value={filters.value('all')}
          options={[['yes', 'shown']]}
          onPick={(value) => filters.set('all', value)}
        />
      </FilterBar>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={<NoLocks filtered={filters.any(filterNames)} />}
        label="Locks"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/access/locks/${id}${location.search}`}
      />
      <Show when={creating()}>
        <CreateLock onClose={() => setCreating(false)} onDone={() => void loaded.reload()} />
      </Show>
    </Page>
  )
}

/** When it ends by itself; of one that is over, how it came to its end. */
function Until(props: { lock: Lock }): JSX.Element {
  return (
    <Show when={props.lock.holds} fallback={<StateMark state={lockState(props.lock)} />}>
      <Moment at={props.lock.expiresAt} none="no end" />
    </Show>
  )
}

function NoLocks(props: { filtered: boolean }): JSX.Element {
  return (
    <Show when={!props.filtered} fallback={<Empty title="No locks match these filters" />}>
      <Empty
        title="Nothing is locked"
        icon={<LockIcon />}
        command={'npx --no-install gatehouse lock create --principal ada --ttl 4h --reason "the laptop was stolen"'}
      >
        Lock a person, role, host, SSH key or approval to deny it at once on every node, for example while you find out
        what happened.
      </Empty>
    </Show>
  )
}
