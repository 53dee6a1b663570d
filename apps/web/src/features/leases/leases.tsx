import { useLocation, useParams, type RouteSectionProps } from '@solidjs/router'
import KeyRound from 'lucide-solid/icons/key-round'
import Plus from 'lucide-solid/icons/plus'
import Radio from 'lucide-solid/icons/radio'
import type { Raw } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { createNow } from '../../ui/clock.ts'
import { Empty } from '../../ui/feedback.tsx'
import { createFilters, FilterBar, SelectFilter, TextFilter } from '../../ui/filters.tsx'
import { Pager } from '../../ui/list.tsx'
import { Page, Split } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { LeaseList } from './lease-list.tsx'
import { mergeLive, type LeaseFilter } from './live-leases.ts'
import { useLiveLeases } from './watching.tsx'
import './leases.css'

const filterNames = ['state', 'backend', 'principal'] as const
const states = [
  ['active', 'active'],
  ['pending', 'pending'],
  ['revoked', 'revoked'],
  ['expired', 'expired'],
  ['irrevocable', 'irrevocable'],
] as const
const backends = [
  ['ssh-key', 'SSH key'],
  ['ssh-certificate', 'SSH certificate'],
] as const

/** Credentials under a lease: alive and ended, live. */
export default function Leases(props: RouteSectionProps): JSX.Element {
  const access = useAccess()
  const filters = createFilters()
  const params = useParams()
  const location = useLocation()
  const live = useLiveLeases()
  const now = createNow()
  const filter = (): LeaseFilter => ({
    state: filters.value('state'),
    backend: filters.value('backend'),
    principal: filters.value('principal'),
  })
  const loaded = createLoaded(
    'lease.list',
    () => ({ ...filter(), first: 50, after: filters.value('after') }) as Raw<'lease.list'>,
  ) // values of the URL; the server refuses strangers
  return (
    <Page
      title="Leases"
      lead="Issued credentials and how long they remain valid."
      actions={
        <Acts
          of={[
            {
              label: 'Issue a credential',
              look: 'primary',
              icon: <Plus aria-hidden="true" />,
              href: '/access/issue',
              blocked: access.whyNone(['sshKey.generate', 'sshCertificate.sign'], 'issue credentials'),
            },
          ]}
        />
      }
    >
      <FilterBar active={filters.any(filterNames)} onClear={() => filters.clear(filterNames)}>
        <SelectFilter
          label="State"
          value={filters.value('state')}
          options={states}
          onPick={(value) => filters.set('state', value)}
        />
        <SelectFilter
          label="Kind"
          value={filters.value('backend')}
          options={backends}
          onPick={(value) => filters.set('backend', value)}
        />
        <TextFilter
          label="Owner"
          placeholder="user name"
          value={filters.value('principal')}
          onText={(value) => filters.set('principal', value)}
        />
        <Show when={live.state().at === 'live'}>
          <span class="live">
            <Radio aria-hidden="true" />
            live
          </span>
        </Show>
      </FilterBar>
      <Split detail={props.children}>
        <Answer of={loaded} lines={6}>
          {(page) => {
            const leases = (): ReturnType<typeof mergeLive> =>
              mergeLive(page().items, live.leases(), filter(), { firstPage: filters.value('after') === undefined })
            return (
              <>
                <Show when={leases().length > 0} fallback={<NoLeases filtered={filters.any(filterNames)} />}>
                  <LeaseList
                    label="Leases"
                    leases={leases()}
                    now={now}
                    selected={params['id']}
                    search={location.search}
                  />
                </Show>
                <Pager nextCursor={page().nextCursor} />
              </>
            )
          }}
        </Answer>
      </Split>
    </Page>
  )
}

function NoLeases(props: { filtered: boolean }): JSX.Element {
  const access = useAccess()
  return (
    <Show when={!props.filtered} fallback={<Empty title="No leases match these filters" />}>
      <Empty
        title="No leases yet"
        icon={<KeyRound />}
        action={
          <Acts
            of={[
              {
                label: 'Issue a credential',
                look: 'primary',
                href: '/access/issue',
                blocked: access.whyNone(['sshKey.generate', 'sshCertificate.sign'], 'issue credentials'),
              },
            ]}
          />
        }
        command="npx --no-install gatehouse ssh connect HOST"
      >
        A lease is a credential with an expiry. Issue one for a host; it stops working automatically when it expires.
      </Empty>
    </Show>
  )
}
