import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import type { Blocked } from '../../ui/blocked.ts'
import { Note } from '../../ui/feedback.tsx'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../answer/answer.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { roleOptions } from '../people/roles.ts'
import {
  changesOf,
  draftOf,
  inputOf,
  limitFields,
  updateOf,
  type Change,
  type Draft,
  type Settings,
} from './settings-draft.ts'
import './settings.css'
import '../programs/programs.css'

/** What is set for all. */
export default function SettingsPage(): JSX.Element {
  const loaded = createLoaded('settings.get', () => ({}))
  return (
    <Page
      title="Settings"
      lead="Settings for everyone: required second factors, session limits and accepted authenticators."
    >
      <Answer of={loaded} lines={8}>
        {(settings) => <SettingsForm settings={settings()} onSaved={loaded.put} />}
      </Answer>
    </Page>
  )
}

type Problems = Readonly<Record<string, string>>

interface PartProps {
  readonly draft: Draft
  readonly problem: (path: string) => string | undefined
  readonly onChange: (change: Partial<Draft>) => void
}

/** What is being changed, what of it is wrong, and whether it is to be saved. */
function createDraft(settings: () => Settings) {
  const [draft, setDraft] = createSignal(draftOf(settings()))
  const [problems, setProblems] = createSignal<Problems>({})
  const [asking, setAsking] = createSignal(false)
  const change = (some: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...some }))
    setProblems({})
  }
  /** Checked by the contract's own schema before anything is asked; false: something is wrong. */
  const ask = async (): Promise<boolean> => {
    const { fieldsOf } = await import('../../validation.ts')
    const wrong = fieldsOf('settings.update', inputOf(draft())).map(({ path, message }) => [path, message] as const)
    setProblems(Object.fromEntries(wrong))
    setAsking(wrong.length === 0)
    return wrong.length === 0
  }
  const reset = (to: Settings): void => void setDraft(draftOf(to))
  const changes = (): readonly Change[] => changesOf(settings(), draft())
  return { draft, change, changes, problems, asking, ask, reset, close: () => setAsking(false) }
}

function SettingsForm(props: { settings: Settings; onSaved: (settings: Settings) => void }): JSX.Element {
  const access = useAccess()
  const changing = createDraft(() => props.settings)
  let form: HTMLFormElement | undefined
  const unchanged = (): Blocked => (changing.changes().length === 0 ? 'No changes yet.' : null)
  const why = (): Blocked => access.why('settings.update') ?? unchanged()
  const ask = async (): Promise<void> => {
    if (!(await changing.ask())) form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }
  return (
    <form
      class="settings"
      ref={(element) => {
        form = element
      }}
      onSubmit={(event) => {
        event.preventDefault()
        if (why() === null) void ask()
      }}
    >
      <fieldset class="settings-parts" aria-label="Settings" disabled={access.why('settings.update') !== null}>
        <SettingsParts
          draft={changing.draft()}
          problem={(path) => changing.problems()[path]}
          onChange={changing.change}
        />
      </fieldset>
      <Show when={Object.keys(changing.problems()).length > 0}>
        <Note tone="bad" title="Nothing was saved.">
          Correct the marked fields and save again.
        </Note>
      </Show>
      <Acts
        of={[
          { label: 'Review and save', look: 'primary', blocked: why(), run: () => void ask() },
          { label: 'Discard changes', blocked: unchanged(), run: () => changing.reset(props.settings) },
        ]}
      />
      <LastChange settings={props.settings} />
      <Show when={changing.asking()}>
        <SaveDialog
          settings={props.settings}
          draft={changing.draft()}
          changes={changing.changes()}
          onSaved={(settings) => {
            props.onSaved(settings)
            changing.reset(settings)
          }}
          onClose={changing.close}
        />
      </Show>
    </form>
  )
}

function SettingsParts(props: PartProps): JSX.Element {
  return (
    <>
      <RequiredRoles {...props} />
      <LimitsOfRoles {...props} />
      <AuthenticatorRules {...props} />
      <section class="card form">
        <h2>Alerts</h2>
        <TextField
          label="Failed log-ins of one account within five minutes before an alert"
          inputmode="numeric"
          value={props.draft.alert}
          problem={props.problem('authFailuresAlert') === undefined ? undefined : 'Enter a number from 1 to 1000'}
          onText={(alert) => props.onChange({ alert })}
        />
        <TextField
          label="Sessions, tokens and credentials revoked within five minutes before an alert"
          inputmode="numeric"
          value={props.draft.spike}
          problem={props.problem('revocationSpikeAlert') === undefined ? undefined : 'Enter a number from 2 to 100000'}
          onText={(spike) => props.onChange({ spike })}
        />
        <TextField
          label="Minutes before the same alert is sent again"
          inputmode="numeric"
          value={props.draft.quiet}
          problem={props.problem('alertQuietMinutes') === undefined ? undefined : 'Enter a number from 1 to 1440'}
          onText={(quiet) => props.onChange({ quiet })}
        />
        <TextField
          label="Minutes before the end of a credential that an alert says so"
          inputmode="numeric"
          value={props.draft.expiry}
          problem={props.problem('leaseExpiryAlertMinutes') === undefined ? undefined : 'Enter a number from 1 to 1440'}
          onText={(expiry) => props.onChange({ expiry })}
        />
      </section>
    </>
  )
}

function LastChange(props: { settings: Settings }): JSX.Element {
  return (
    <p class="muted">
      Last changed <Moment at={props.settings.updatedAt} />
      <Show when={props.settings.updatedBy}>{(who) => <> by {who()}</>}</Show>. Changes apply to all nodes within a
      second.
    </p>
  )
}

function SaveDialog(props: {
  settings: Settings
  draft: Draft
  changes: readonly Change[]
  onSaved: (settings: Settings) => void
  onClose: () => void
}): JSX.Element {
  return (
    <ActDialog
      name="settings.update"
      title="Save these settings for everyone?"
      verb="Save"
      input={() => updateOf(props.settings, props.draft)}
      done={() => 'Settings saved.'}
      onDone={props.onSaved}
      onClose={props.onClose}
    >
      <ul class="changes">
        <For each={props.changes}>
          {({ what, from, to }) => (
            <li>
              <span class="changes-what">{what}</span>
              <span>
                <span class="visually-hidden">from </span>
                <span class="changes-from">{from}</span> → <span class="visually-hidden">to </span>
                <strong>{to}</strong>
              </span>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.changes.some(({ what }) => what.includes('session'))}>
        <p class="muted">Sessions that exceed a shortened limit end at their next request.</p>
      </Show>
    </ActDialog>
  )
}

function RequiredRoles(props: PartProps): JSX.Element {
  const toggle = (role: Draft['requiredRoles'][number]): void =>
    props.onChange({
      requiredRoles: props.draft.requiredRoles.includes(role)
        ? props.draft.requiredRoles.filter((one) => one !== role)
        : [...props.draft.requiredRoles, role],
    })
  return (
    <section class="card form">
      <h2>Second factor</h2>
      <fieldset class="choices">
        <legend class="muted">
          Roles that require a second factor. Roles that the server's configuration file names are always included.
        </legend>
        <For each={roleOptions}>
          {([role]) => (
            <label class="check">
              <input type="checkbox" checked={props.draft.requiredRoles.includes(role)} onChange={() => toggle(role)} />
              {role}
            </label>
          )}
        </For>
      </fieldset>
    </section>
  )
}

function LimitsOfRoles(props: PartProps): JSX.Element {
  const set =
    (index: number, field: (typeof limitFields)[number][0]) =>
    (text: string): void =>
      props.onChange({ limits: props.draft.limits.map((one, at) => (at === index ? { ...one, [field]: text } : one)) })
  const bounds = {
    sessionAbsoluteSeconds: '5 min to 30 d',
    sessionIdleSeconds: '1 min to 30 d',
    accessTokenTtlSeconds: '1 min to 1 h',
    refreshTokenTtlSeconds: '5 min to 30 d',
  } as const
  return (
    <section class="card form">
      <h2>Limits by role</h2>
      <p class="muted">
        People with several roles get the shortest limit. Examples: <code>12 h</code>, <code>30 min</code>,{' '}
        <code>7 d</code>.
      </p>
      <table class="limits" aria-label="Limits by role">
        <thead>
          <tr>
            <th scope="col">Role</th>
            <For each={limitFields}>{([, name]) => <th scope="col">{name}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={props.draft.limits.map(({ role }) => role)}>
            {(role, index) => (
              <tr>
                <th scope="row">{role}</th>
                <For each={limitFields}>
                  {([field, name]) => (
                    <td>
                      <TextField
                        label={name}
                        aria-label={`${role}: ${name}`}
                        autocomplete="off"
                        value={props.draft.limits[index()]?.[field] ?? ''}
                        problem={
                          props.problem(`roleLimits.${index()}.${field}`) === undefined ? undefined : bounds[field]
                        }
                        onText={set(index(), field)}
                      />
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

function AuthenticatorRules(props: PartProps): JSX.Element {
  const set = (index: number, change: Partial<Draft['rules'][number]>): void =>
    props.onChange({ rules: props.draft.rules.map((one, at) => (at === index ? { ...one, ...change } : one)) })
  const modelProblem = (index: number): string | undefined =>
    Array.from({ length: 100 }, (_, at) => props.problem(`authenticatorRules.${index}.aaguids.${at}`)).find(
      (problem) => problem !== undefined,
    )
  return (
    <section class="card form">
      <h2>Security keys and passkeys by role</h2>
      <p class="muted">Applies to newly added keys; existing ones stay.</p>
      <div class="rules">
        <For each={props.draft.rules.map(({ role }) => role)}>
          {(role, index) => (
            <fieldset class="rule">
              <legend class="visually-hidden">{role}</legend>
              <h3>{role}</h3>
              <label class="check">
                <input
                  type="checkbox"
                  checked={props.draft.rules[index()]?.attested}
                  onChange={(event) => set(index(), { attested: event.currentTarget.checked })}
                />
                Require attestation of the key model
              </label>
              <label class="check">
                <input
                  type="checkbox"
                  checked={props.draft.rules[index()]?.backedUp}
                  onChange={(event) => set(index(), { backedUp: event.currentTarget.checked })}
                />
                Allow synced passkeys
              </label>
              <TextAreaField
                label="Allowed models (optional)"
                mono
                rows={2}
                hint="AAGUIDs, one per line."
                value={props.draft.rules[index()]?.aaguids ?? ''}
                problem={
                  modelProblem(index()) === undefined
                    ? undefined
                    : 'Enter AAGUIDs such as cb69481e-8ff7-4039-93ec-0a2729a154a8'
                }
                onText={(aaguids) => set(index(), { aaguids })}
              />
            </fieldset>
          )}
        </For>
      </div>
    </section>
  )
}
