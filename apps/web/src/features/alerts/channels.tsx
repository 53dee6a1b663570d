import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { Megaphone } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, pageAsked } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { channelKindWords, channelState } from './alert-words.ts'

type Channel = Wire<'alertChannel.list'>['items'][number]

const askedEveryMs = 10_000

const columns: readonly Column<Channel>[] = [
  { title: 'Channel', rank: 'main', cell: ({ name }) => name, free: true },
  { title: 'State', cell: (channel) => <StateMark state={channelState(channel)} /> },
  { title: 'Kind', cell: ({ kind }) => channelKindWords(kind) },
  { title: 'Target', cell: ({ target }) => target, mono: true, rank: 'late', free: true },
  { title: 'Alerts', cell: ({ severity }) => (severity === 'low' ? 'all' : `${severity} or worse`) },
  { title: 'Last delivery', cell: ({ deliveredAt }) => <Moment at={deliveredAt} /> },
]

/** Where alerts are sent, and whether they arrive. */
export default function Channels(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const access = useAccess()
  const loaded = createLoaded('alertChannel.list', () => pageAsked(filters) as Raw<'alertChannel.list'>, {
    everyMs: askedEveryMs,
  })
  const add = (): JSX.Element => (
    <Show when={access.may('alertChannel.create')}>
      <LinkButton href="/new-alert-channel" look="primary">
        Add channel
      </LinkButton>
    </Show>
  )
  return (
    <Page title="Alert channels" lead="Where alerts are sent, and whether they arrive." actions={add()}>
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Empty
            title="Alerts are not sent anywhere"
            icon={<Megaphone />}
            command="npx --no-install gatehouse alert-channel create security --kind mail --to security@example.org"
          >
            Until there is a channel, alerts are seen only here. Add email, a webhook, Slack or PagerDuty.
          </Empty>
        }
        label="Alert channels"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/alert-channels/${id}${location.search}`}
      />
    </Page>
  )
}
