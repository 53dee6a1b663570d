import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { Form } from '../../ui/form.ts'
import { DataList, type Column } from '../../ui/list.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { backendNames } from './backend-words.ts'
import type { KeyDialogProps } from './key-dialog.ts'
import { backendMark, quorumWords, whyNotSpread, type Key } from './key-words.ts'

type KeyBackend = Key['backends'][number]

interface KeyBackendsProps {
  readonly key: Key
  readonly onDone: (key: Key) => void
}

/** What wraps the material of a key, what each of them has, and how many open it. */
export function KeyBackends(props: KeyBackendsProps): JSX.Element {
  const access = useAccess()
  const [adding, setAdding] = createSignal<string | null>(null)
  const [leaving, setLeaving] = createSignal<string | null>(null)
  const columns = columnsOf(props, { onAdd: setAdding, onLeave: setLeaving })
  return (
    <PanelSection title={`Backends · ${props.key.backends.length}`}>
      <p>{quorumWords(props.key)}</p>
      <DataList label="Backends" items={props.key.backends} columns={columns} key={({ name }) => name} />
      <Acts
        of={[
          {
            label: 'Add a backend',
            blocked: access.why('kmsKey.replicate', props.key.workspace) ?? whyNotSpread(props.key),
            run: () => setAdding(''),
          },
        ]}
      />
      <Show when={adding() !== null}>
        <ReplicateDialog {...props} region={adding() ?? ''} onClose={() => setAdding(null)} />
      </Show>
      <Show when={leaving()}>
        {(region) => <WithdrawDialog {...props} region={region()} onClose={() => setLeaving(null)} />}
      </Show>
    </PanelSection>
  )
}

interface Picks {
  readonly onAdd: (region: string) => void
  readonly onLeave: (region: string) => void
}

function columnsOf(props: KeyBackendsProps, { onAdd, onLeave }: Picks): readonly Column<KeyBackend>[] {
  const access = useAccess()
  const acts = (one: KeyBackend): JSX.Element => (
    <span class="row">
      <Show when={one.state === 'incomplete' || one.state === 'other-key'}>
        <Button
          class="button-small"
          aria-label={`Complete ${one.name}`}
          blocked={access.why('kmsKey.replicate', props.key.workspace)}
          onClick={() => onAdd(one.name)}
        >
          Complete
        </Button>
      </Show>
      <Button
        class="button-small"
        aria-label={`Withdraw ${one.name}`}
        blocked={access.why('kmsKey.withdraw', props.key.workspace)}
        onClick={() => onLeave(one.name)}
      >
        Withdraw
      </Button>
    </span>
  )
  const all: readonly Column<KeyBackend>[] = [
    { title: 'Backend', rank: 'main', cell: ({ name }) => name },
    { title: 'State', cell: (one) => <StateMark state={backendMark(one)} /> },
    { title: 'Versions', cell: ({ versions, of }) => `${versions} of ${of}` },
  ]
  const isSpread = (): boolean => props.key.backends.length > 1 && whyNotSpread(props.key) === null
  return [
    ...all,
    {
      title: 'Change',
      cell: (one) => (
        <Show when={isSpread()} fallback="—">
          {acts(one)}
        </Show>
      ),
    },
  ]
}

type RegionProps = Omit<KeyDialogProps, 'usage'> & { readonly region: string }

function ReplicateDialog(props: RegionProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.replicate"
      title={`Add a backend to ${props.key.name}?`}
      verb="Add backend"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ region: props.region }}
      input={({ region = '' }) => ({ id: props.key.id, region: region.trim() })}
      done={({ name }) => `One more backend wraps ${name}.`}
      fields={(form) => <RegionField form={form} key={props.key} region={props.region} />}
    >
      <p>
        It wraps every version of the key, which then also opens when the others are away. A hundred versions are done
        at once: while the backend is incomplete, repeat this.
      </p>
    </ActDialog>
  )
}

interface RegionFieldProps {
  readonly form: Form<Key>
  readonly key: Key
  /** The one that is to be completed; empty: any that does not have the key. */
  readonly region: string
}

/** The backends of the settings that can be added. Whoever does not see them names one. */
function RegionField(props: RegionFieldProps): JSX.Element {
  const access = useAccess()
  const loaded = createLoaded('kmsBackend.list', () => (access.may('kmsBackend.list') ? {} : null))
  const field = () => ({
    label: 'Backend',
    value: props.form.values()['region'] ?? '',
    problem: props.form.problem('region'),
    onText: props.form.set('region'),
  })
  return (
    <Show
      when={access.may('kmsBackend.list')}
      fallback={
        <TextField
          {...field()}
          hint="By its name in the settings, such as berlin of [kms.regions.berlin]."
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      }
    >
      <Answer of={loaded} lines={1}>
        {(list) => (
          <Show
            when={regionOptions(backendNames(list().backends), props).length > 0}
            fallback={<Note tone="calm" title="Every backend in the settings already has this key." />}
          >
            <SelectField
              {...field()}
              hint="The backends in the settings that do not have this key."
              options={[['', 'choose one'], ...regionOptions(backendNames(list().backends), props)]}
            />
          </Show>
        )}
      </Answer>
    </Show>
  )
}

function regionOptions(
  names: readonly string[],
  { key, region }: Pick<RegionFieldProps, 'key' | 'region'>,
): readonly (readonly [string, string])[] {
  const taken = new Set(key.backends.map(({ name }) => name))
  return (region === '' ? names.filter((name) => !taken.has(name)) : [region]).map((name) => [name, name] as const)
}

function WithdrawDialog(props: RegionProps): JSX.Element {
  return (
    <ActDialog
      name="kmsKey.withdraw"
      title={`Withdraw ${props.key.name} from ${props.region}?`}
      verb="Withdraw"
      look="danger"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, region: props.region, reason })}
      done={({ name }) => `${props.region} does not open ${name} any more.`}
    >
      <p>
        What {props.region} wrapped of this key is deleted, once every version opens by the others. It can be added
        again later.
      </p>
    </ActDialog>
  )
}
