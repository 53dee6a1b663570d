import type { Wire } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { Gavel } from '../../../generated/icons.tsx'
import { useSession } from '../../../session.tsx'
import { Acts } from '../../../ui/acts.tsx'
import { Button } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/feedback.tsx'
import { DataList, type Column } from '../../../ui/list.tsx'
import { Moment } from '../../../ui/moment.tsx'
import { Section } from '../../../ui/page.tsx'
import { exactWords } from '../../../ui/time.ts'
import { ActDialog } from '../../answer/act-dialog.tsx'
import { useAccess } from '../../answer/use-access.tsx'
import { createPersonNames } from '../../people/person-names.tsx'
import { heldWords, holdsUntil, whyNotRelease, type Hold } from './hold-words.ts'
import { PlaceHold } from './place-hold.tsx'

type Names = ReadonlyMap<string, string>

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What a hold is on, with people by name where they are known. */
const heldBy = (hold: Hold, names: Names): string =>
  heldWords({
    ...hold,
    user: hold.user === null ? null : (names.get(hold.user) ?? hold.user),
    from: hold.from === null ? null : exactWords(hold.from),
    to: hold.to === null ? null : exactWords(hold.to),
  })

const columnsFor = (names: () => Names): readonly Column<Hold>[] => [
  { title: 'Held', rank: 'main', cell: (hold) => <span class="hold-held">{capital(heldBy(hold, names()))}</span> },
  { title: 'Reason', cell: ({ reason }) => reason, free: true },
  { title: 'Placed by', cell: ({ placedBy }) => names().get(placedBy) ?? <code class="hold-held">{placedBy}</code> },
  { title: 'Placed', cell: ({ placedAt }) => <Moment at={placedAt} /> },
  {
    title: 'Ends',
    cell: ({ releasedAt }) => (
      <Show when={releasedAt} fallback={<span class="muted">when released</span>}>
        {(at) => (
          <>
            <span>
              released, holds until <Moment at={holdsUntil(at())} />
            </span>
          </>
        )}
      </Show>
    ),
  },
]

/** Holds in force, with the way to place and to release one. */
export function Holds(props: { holds: Wire<'audit.retentionGet'>['holds']; reload: () => void }): JSX.Element {
  const session = useSession()
  const access = useAccess()
  const names = createPersonNames()
  const [placing, setPlacing] = createSignal(false)
  const [releasing, setReleasing] = createSignal<Hold>()
  const blocked = (hold: Hold) => access.why('audit.holdRelease') ?? whyNotRelease(hold, session.me()?.id)
  return (
    <Section title="Legal holds">
      <p class="muted">
        A hold is placed by one Admin and released by another. After its release it still holds for a day.
      </p>
      <Show
        when={props.holds.length > 0}
        fallback={
          <Empty
            title="No legal holds"
            icon={<Gavel />}
            command={'npx --no-install gatehouse audit hold-place --user ada --reason "case 4711"'}
          >
            Place one when entries must not be removed, nor anybody in them erased, whatever the retention says.
          </Empty>
        }
      >
        <DataList
          label="Legal holds"
          items={props.holds}
          columns={columnsFor(names)}
          key={({ id }) => id}
          actions={(hold) => (
            <Show when={hold.releasedAt === null}>
              <Button class="button-small" blocked={blocked(hold)} onClick={() => setReleasing(() => hold)}>
                Release
              </Button>
            </Show>
          )}
        />
        <Show when={props.holds.some((hold) => hold.releasedAt === null && hold.placedBy === session.me()?.id)}>
          <p class="muted">You cannot release a hold that you placed yourself; another Admin has to.</p>
        </Show>
      </Show>
      <Acts of={[{ label: 'Place a hold', blocked: access.why('audit.holdPlace'), run: () => setPlacing(true) }]} />
      <Show when={placing()}>
        <PlaceHold onDone={props.reload} onClose={() => setPlacing(false)} />
      </Show>
      <Show when={releasing()}>
        {(hold) => (
          <ActDialog
            name="audit.holdRelease"
            title="Release this legal hold?"
            verb="Release"
            look="danger"
            initial={{ reason: '' }}
            input={({ reason = '' }) => ({ id: hold().id, reason })}
            done={() => 'Hold released. It still holds for a day.'}
            onDone={props.reload}
            onClose={() => setReleasing(undefined)}
          >
            <p>
              The hold on {heldBy(hold(), names())} (“{hold().reason}”) ends a day from now. Then entries that are older
              than the retention are removed, and people in them can be erased, unless another hold keeps them.
            </p>
          </ActDialog>
        )}
      </Show>
    </Section>
  )
}
