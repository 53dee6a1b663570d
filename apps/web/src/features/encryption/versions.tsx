import { createSignal, Show, type JSX } from 'solid-js'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/feedback.tsx'
import { TextField } from '../../ui/field.tsx'
import { given } from '../../ui/form.ts'
import { DataList, type Column } from '../../ui/list.tsx'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { ActDialog } from '../answer/act-dialog.tsx'
import { useAccess } from '../answer/use-access.tsx'
import type { KeyDialogProps } from './key-dialog.ts'
import {
  ciphertextsWords,
  leftBelow,
  minimumWithin,
  versionMark,
  whyNotRevoked,
  type Key,
  type Usage,
  type Version,
} from './key-words.ts'

/** As many versions as are shown before they are asked for: a key that rotates daily has hundreds. */
const shownAtFirst = 10

interface VersionsProps {
  readonly key: Key
  readonly usage: Usage
  readonly onDone: (key: Key) => void
  /** A version was revoked: what it encrypted is to be replaced. */
  readonly onRevoked: (version: number) => void
}

/** Versions of a key, the newest first, with what still needs each, and the ways to leave one behind. */
export function Versions(props: VersionsProps): JSX.Element {
  const access = useAccess()
  const [all, setAll] = createSignal(false)
  const [revoking, setRevoking] = createSignal<Version | null>(null)
  const [limiting, setLimiting] = createSignal(false)
  const shown = (): readonly Version[] => (all() ? props.usage.versions : props.usage.versions.slice(0, shownAtFirst))
  const columns = columnsOf(props, setRevoking)
  return (
    <PanelSection title={`Versions · ${props.usage.versions.length}`}>
      <DataList label="Versions" items={shown()} columns={columns} key={({ version }) => String(version)} />
      <Show when={!all() && props.usage.versions.length > shownAtFirst}>
        <div>
          <Button onClick={() => setAll(true)}>Show all {props.usage.versions.length}</Button>
        </div>
      </Show>
      <Show when={props.key.state !== 'destroyed'}>
        <Acts
          of={[
            {
              label: 'Change minimum version',
              blocked: access.why('kmsKey.update', props.key.workspace) ?? whyNotLimited(props.key),
              run: () => setLimiting(true),
            },
          ]}
        />
      </Show>
      <Show when={limiting()}>
        <MinimumDialog {...props} onClose={() => setLimiting(false)} />
      </Show>
      <Show when={revoking()}>
        {(version) => (
          <RevokeDialog
            key={props.key}
            version={version()}
            onRevoked={props.onRevoked}
            onClose={() => setRevoking(null)}
          />
        )}
      </Show>
    </PanelSection>
  )
}

function columnsOf(props: VersionsProps, onRevoke: (version: Version) => void): readonly Column<Version>[] {
  const access = useAccess()
  return [
    { title: 'Version', rank: 'main', cell: ({ version }) => `Version ${version}` },
    { title: 'State', cell: (version) => <StateMark state={versionMark(version, props.usage)} /> },
    { title: 'Ciphertexts', cell: ({ ciphertexts }) => ciphertexts.toLocaleString('en-GB') },
    { title: 'Made', cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      title: 'Revoke',
      cell: (version) => (
        <Show when={version.state === 'live'} fallback={<Moment at={version.revokedAt} none="—" />}>
          <Button
            class="button-small"
            aria-label={`Revoke version ${version.version}`}
            blocked={access.why('kmsKey.revokeVersion', props.key.workspace) ?? whyNotRevoked(version, props.usage)}
            onClick={() => onRevoke(version)}
          >
            Revoke
          </Button>
        </Show>
      ),
    },
  ]
}

/** Why no other minimum can be set; null: it can be tried. */
const whyNotLimited = ({ currentVersion }: Key): string | null =>
  currentVersion === 1 ? 'The key has only one version.' : null

/** Sets the oldest version that is opened. To close one that is still needed takes the reason and a second Admin. */
function MinimumDialog(props: KeyDialogProps): JSX.Element {
  const left = (minimumVersion: string | undefined): number => leftBelow(props.usage, Number(minimumVersion))
  return (
    <ActDialog
      name="kmsKey.update"
      title={`Change the minimum version of ${props.key.name}?`}
      verb="Change"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{ minimumVersion: String(minimumWithin(props.usage)), because: '' }}
      input={({ minimumVersion, because }) => ({
        id: props.key.id,
        minimumVersion: Number(minimumVersion),
        losing: left(minimumVersion),
        reason: given(because),
      })}
      done={({ name, minimumVersion }) => `${name} opens version ${minimumVersion} and newer.`}
      fields={(form) => (
        <>
          <TextField
            label="New minimum version"
            hint={`From 1 to ${props.usage.currentVersion}, the current one.`}
            inputmode="numeric"
            autocomplete="off"
            value={form.values()['minimumVersion']}
            problem={form.problem('minimumVersion')}
            onText={form.set('minimumVersion')}
          />
          <Show when={left(form.values()['minimumVersion']) > 0}>
            <LosingNote count={left(form.values()['minimumVersion'])} />
            <TextField
              label="Reason"
              hint="The second administrator reads it."
              autocomplete="off"
              value={form.values()['because']}
              problem={form.problem('reason')}
              onText={form.set('because')}
            />
          </Show>
        </>
      )}
    >
      <p>
        Ciphertexts of older versions are not opened any more, not even to rewrap them. That includes copies that
        Gatehouse never counted. A lower minimum opens them again.
      </p>
    </ActDialog>
  )
}

function LosingNote(props: { count: number }): JSX.Element {
  return (
    <Note tone="warn" title={`${ciphertextsWords(props.count)} would not be opened any more.`}>
      A second administrator has to approve it. Rewrap them first, if they are still there.
    </Note>
  )
}

function RevokeDialog(props: {
  key: Key
  version: Version
  onRevoked: (version: number) => void
  onClose: () => void
}): JSX.Element {
  const { version, ciphertexts } = props.version
  return (
    <ActDialog
      name="kmsKey.revokeVersion"
      title={`Revoke version ${version} of ${props.key.name}?`}
      verb="Revoke version"
      look="danger"
      onClose={props.onClose}
      onDone={() => props.onRevoked(version)}
      initial={{ reason: '' }}
      input={({ reason = '' }) => ({ id: props.key.id, version, reason })}
      done={() => `Version ${version} is revoked.`}
    >
      <p>For a version whose material others know. It cannot be undone.</p>
      <p>
        <strong>
          {ciphertexts === 0
            ? 'Gatehouse knows of no ciphertext that needs it.'
            : `${ciphertextsWords(ciphertexts)} cannot be decrypted any more from now on.`}
        </strong>{' '}
        {ciphertexts === 0 ? '' : 'They can only be rewrapped. The list of what to replace is shown next.'}
      </p>
    </ActDialog>
  )
}
