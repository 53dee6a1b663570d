import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import type { Raw, Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { Send } from '../../generated/icons.tsx'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, pageAsked } from '../../ui/filters.tsx'
import type { Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ListAnswer } from '../answer/list-answer.tsx'
import { numberWords } from '../audit/facet-words.ts'
import { lagWords, sinkKindWords, sinkState } from './sink-words.ts'

type Sink = Wire<'auditSink.list'>['items'][number]

const askedEveryMs = 10_000

const columns: readonly Column<Sink>[] = [
  { title: 'Sink', rank: 'main', cell: ({ name }) => name },
  { title: 'State', cell: (sink) => <StateMark state={sinkState(sink)} /> },
  { title: 'Waiting', cell: lagWords, free: true },
  {
    title: 'Rejected',
    cell: ({ deadLetters }) => (deadLetters === 0 ? <span class="muted">none</span> : numberWords(deadLetters)),
  },
  { title: 'Kind', cell: ({ kind }) => sinkKindWords(kind), rank: 'late' },
  { title: 'Target', cell: ({ target }) => target, mono: true, rank: 'late' },
  { title: 'Last delivery', cell: ({ deliveredAt }) => <Moment at={deliveredAt} /> },
]

/** Where the audit log goes by itself, and how far each place has come. */
export default function Sinks(props: RouteSectionProps): JSX.Element {
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const loaded = createLoaded('auditSink.list', () => pageAsked(filters) as Raw<'auditSink.list'>, {
    everyMs: askedEveryMs,
  })
  return (
    <Page
      title="Audit sinks"
      lead="Where the audit log is sent: collectors, webhooks, syslog, files. Nothing is lost while one is down."
      actions={
        <Button busy={loaded.loading()} onClick={() => void loaded.reload()}>
          Refresh
        </Button>
      }
    >
      <ListAnswer
        of={loaded}
        detail={props.children}
        empty={
          <Empty
            title="The audit log is not sent anywhere"
            icon={<Send />}
            command="npx --no-install gatehouse audit-sink create archive --kind file --file audit.jsonl"
          >
            Send it to a collector, a webhook, syslog or a file, so that it is in a second place.
          </Empty>
        }
        label="Audit sinks"
        columns={columns}
        key={({ id }) => id}
        selected={params['id']}
        href={({ id }) => `/record/sinks/${id}${location.search}`}
      />
    </Page>
  )
}
