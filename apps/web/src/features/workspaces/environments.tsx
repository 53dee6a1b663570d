import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { CheckField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { linesOf } from './calendar-words.ts'
import { environmentOptions, isEnvironment, TierMark } from './tiers.tsx'
import './workspaces.css'

type Environment = Wire<'environment.list'>['environments'][number]

/** The three stages on the way to production, and what each asks for. */
export default function Environments(): JSX.Element {
  const loaded = createLoaded('environment.list', () => ({}))
  const [changing, setChanging] = createSignal<Environment>()
  return (
    <Page title="Environments" lead="The three stages on the way to production, and what each asks for.">
      <Answer of={loaded} lines={6}>
        {(found) => (
          <ul class="environments">
            <For each={found().environments}>
              {(environment) => <Card environment={environment} onChange={() => setChanging(environment)} />}
            </For>
          </ul>
        )}
      </Answer>
      <Show when={changing()}>
        {(environment) => (
          <UpdateEnvironment
            environment={environment()}
            onDone={() => void loaded.reload()}
            onClose={() => setChanging(undefined)}
          />
        )}
      </Show>
    </Page>
  )
}

function Card(props: { environment: Environment; onChange: () => void }): JSX.Element {
  const access = useAccess()
  return (
    <li class="card stack">
      <header class="row spread">
        <h2>{props.environment.id}</h2>
        <TierMark tier={props.environment.tier} />
      </header>
      <Facts
        of={[
          ['Second factor', props.environment.requiresMfa ? 'required' : 'not required'],
          ['Approval', props.environment.requiresApproval ? 'a second person must approve' : 'not required'],
          ['Time zone', props.environment.timeZone],
          [
            'Networks',
            <Show when={props.environment.networks.length > 0} fallback="any address counts as corporate">
              <span class="action-list">
                <For each={props.environment.networks}>{(network) => <code>{network}</code>}</For>
              </span>
            </Show>,
          ],
          ['Workspaces', String(props.environment.workspaces)],
          [
            'Changed',
            props.environment.updatedAt === null ? undefined : (
              <>
                <Moment at={props.environment.updatedAt} />
                <Show when={props.environment.updatedBy}>{(name) => <> by {name()}</>}</Show>
              </>
            ),
          ],
        ]}
      />
      <Acts of={[{ label: 'Change', blocked: access.why('environment.update'), run: props.onChange }]} />
    </li>
  )
}

const yes = (value: boolean): string => (value ? 'yes' : '')

function UpdateEnvironment(props: { environment: Environment; onDone: () => void; onClose: () => void }): JSX.Element {
  return (
    <ActDialog
      name="environment.update"
      title={`Change ${props.environment.id}`}
      verb="Save"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{
        tier: props.environment.tier,
        requiresMfa: yes(props.environment.requiresMfa),
        requiresApproval: yes(props.environment.requiresApproval),
        timeZone: props.environment.timeZone,
        networks: props.environment.networks.join('\n'),
      }}
      input={({ tier = '', requiresMfa, requiresApproval, timeZone = '', networks }) => ({
        id: props.environment.id,
        tier: isEnvironment(tier) && tier !== props.environment.tier ? tier : undefined,
        requiresMfa: requiresMfa === 'yes',
        requiresApproval: requiresApproval === 'yes',
        timeZone,
        networks: linesOf(networks),
      })}
      done={({ id }) => `Environment ${id} saved.`}
      fields={(form) => (
        <>
          <SelectField
            label="Tier"
            hint="Which policies apply: those for production are the strictest."
            value={form.values()['tier'] ?? ''}
            options={environmentOptions}
            problem={form.problem('tier')}
            onText={form.set('tier')}
          />
          <CheckField
            label="Requires a second factor"
            checked={form.values()['requiresMfa'] === 'yes'}
            onCheck={(checked) => form.set('requiresMfa')(yes(checked))}
          />
          <CheckField
            label="Requires a second person's approval"
            checked={form.values()['requiresApproval'] === 'yes'}
            onCheck={(checked) => form.set('requiresApproval')(yes(checked))}
          />
          <TextField
            label="Time zone"
            autocomplete="off"
            value={form.values()['timeZone']}
            problem={form.problem('timeZone')}
            onText={form.set('timeZone')}
          />
          <TextAreaField
            label="Corporate networks"
            hint="One range a line, such as 10.0.0.0/8. Empty: any address counts as corporate."
            rows={3}
            mono
            value={form.values()['networks'] ?? ''}
            problem={form.problem('networks')}
            onText={form.set('networks')}
          />
        </>
      )}
    >
      <p>
        What is changed here holds for every workspace in {props.environment.id}, now{' '}
        {props.environment.workspaces.toLocaleString('en-GB')}, from the next request on.
      </p>
    </ActDialog>
  )
}
