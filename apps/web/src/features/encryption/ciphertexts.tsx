import { useSearchParams } from '@solidjs/router'
import type { Raw } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { DataList, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { ciphertextsWords, locationWords, type Ciphertext, type Key, type Usage } from './key-words.ts'
import type { PanelParams } from './panel-address.ts'

/** As many as a panel shows without scrolling for long. */
const pageItems = 20

interface CiphertextsProps {
  readonly key: Key
  readonly usage: Usage
}

/** What was encrypted under a key and still needs it, and where it lies. */
export function Ciphertexts(props: CiphertextsProps): JSX.Element {
  const [params, setParams] = useSearchParams<PanelParams>()
  const asked = (): Raw<'kmsKey.ciphertexts'> => ({
    id: props.key.id,
    first: pageItems,
    after: params.page,
    version: params.version === undefined ? undefined : Number(params.version),
  })
  const loaded = createLoaded('kmsKey.ciphertexts', asked)
  return (
    <PanelSection title={`Ciphertexts · ${props.usage.ciphertexts.toLocaleString('en-GB')}`}>
      <p class="muted">
        Gatehouse counts each when it is encrypted, and does not keep it. It is counted until it is forgotten.
      </p>
      <Show when={props.usage.versions.length > 1}>
        <SelectField
          label="Version"
          value={params.version ?? ''}
          options={versionOptions(props.usage)}
          onText={(version) =>
            setParams({ version: version === '' ? null : version, page: null }, { replace: true, scroll: false })
          }
        />
      </Show>
      <Answer of={{ ...loaded, staleSince: () => null }} lines={3}>
        {(page) => (
          <>
            <Show when={page().items.length > 0} fallback={<NoCiphertexts version={params.version} />}>
              <CiphertextList key={props.key} items={page().items} />
            </Show>
            <Pages
              before={params.page !== undefined}
              next={page().nextCursor}
              onGo={(cursor) => setParams({ page: cursor }, { scroll: false })}
            />
          </>
        )}
      </Answer>
    </PanelSection>
  )
}

const versionOptions = ({ versions }: Usage): readonly (readonly [string, string])[] => [
  ['', 'any version'],
  ...versions
    .filter(({ ciphertexts }) => ciphertexts > 0)
    .map(
      ({ version, ciphertexts }) => [String(version), `version ${version} · ${ciphertextsWords(ciphertexts)}`] as const,
    ),
]

function NoCiphertexts(props: { version: string | undefined }): JSX.Element {
  return (
    <p class="muted">
      {props.version === undefined
        ? 'None. Nothing needs this key.'
        : `None. Nothing needs version ${props.version} any more.`}
    </p>
  )
}

/** On to older ciphertexts, and back to the first; a list beside the panel has a place of its own in the address. */
function Pages(props: { before: boolean; next: string | null; onGo: (cursor: string | null) => void }): JSX.Element {
  return (
    <Show when={props.before || props.next !== null}>
      <nav class="pager" aria-label="Pages of ciphertexts">
        <Button disabled={!props.before} onClick={() => props.onGo(null)}>
          First page
        </Button>
        <Button disabled={props.next === null} onClick={() => props.onGo(props.next)}>
          Next page
        </Button>
      </nav>
    </Show>
  )
}

function CiphertextList(props: { key: Key; items: readonly Ciphertext[] }): JSX.Element {
  const access = useAccess()
  const [picked, setPicked] = createSignal<ReadonlySet<string>>(new Set())
  const [forgetting, setForgetting] = createSignal(false)
  const chosen = (): string[] => props.items.map(({ id }) => id).filter((id) => picked().has(id))
  const pick = (id: string, checked: boolean): void => {
    setPicked((before) => new Set(checked ? [...before, id] : [...before].filter((one) => one !== id)))
  }
  const columns = columnsOf({ picked, pick })
  return (
    <>
      <DataList label="Ciphertexts" items={props.items} columns={columns} key={({ id }) => id} />
      <Acts
        of={[
          {
            label: 'Forget selected',
            blocked:
              access.why('kmsKey.forget', props.key.workspace) ??
              (chosen().length === 0 ? 'Select ciphertexts that no longer exist.' : null),
            run: () => setForgetting(true),
          },
        ]}
      />
      <Show when={forgetting()}>
        <ForgetDialog key={props.key} ciphertexts={chosen()} onClose={() => setForgetting(false)} />
      </Show>
    </>
  )
}

interface Picking {
  readonly picked: () => ReadonlySet<string>
  readonly pick: (id: string, checked: boolean) => void
}

const columnsOf = ({ picked, pick }: Picking): readonly Column<Ciphertext>[] => [
  {
    title: 'Location',
    rank: 'main',
    free: true,
    cell: (one) => (
      <label class="check">
        <input
          type="checkbox"
          checked={picked().has(one.id)}
          onChange={(event) => pick(one.id, event.currentTarget.checked)}
        />
        <span classList={{ muted: one.location === null }}>{locationWords(one)}</span>
      </label>
    ),
  },
  { title: 'Version', cell: ({ version }) => version },
  { title: 'Encrypted', cell: ({ sealedAt }) => <Moment at={sealedAt} /> },
  { title: 'Rewrapped', cell: ({ movedAt }) => <Moment at={movedAt} none="never" /> },
]

function ForgetDialog(props: { key: Key; ciphertexts: readonly string[]; onClose: () => void }): JSX.Element {
  const count = props.ciphertexts.length
  return (
    <ActDialog
      name="kmsKey.forget"
      title={`Forget ${ciphertextsWords(count)}?`}
      verb="Forget"
      look="danger"
      onClose={props.onClose}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, ciphertexts: [...props.ciphertexts], reason })}
      done={({ forgotten }) => `${ciphertextsWords(forgotten)} forgotten.`}
    >
      <p>
        For what no longer exists: a file that was deleted, a password that was changed. Gatehouse stops counting{' '}
        {count === 1 ? 'it' : 'them'}, and the version can be closed without {count === 1 ? 'it' : 'them'}.
      </p>
      <p class="muted">A ciphertext that still exists decrypts as before, as long as its version is opened.</p>
    </ActDialog>
  )
}
