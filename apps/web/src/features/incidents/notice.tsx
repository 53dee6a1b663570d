import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { Check, Circle } from '../../generated/icons.tsx'
import { Acts } from '../../ui/acts.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { saveText } from '../../ui/save-text.ts'
import { useAccess } from '../answer/use-access.tsx'
import { SendNotice, WriteNotice } from './notice-acts.tsx'
import { partGroups, partsOf, partText, saidOf, type Notice, type Part } from './notice-parts.ts'

type Incident = Wire<'incident.get'>

/** The notice to the authority: what it says, what is missing, which version was sent to whom by whom. */
export function NoticeSection(props: { incident: Incident; reload: () => void }): JSX.Element {
  const access = useAccess()
  const [open, setOpen] = createSignal<'write' | 'send' | null>(null)
  const newest = (): Notice | undefined => props.incident.notices[0]
  const sent = (): Notice | undefined => props.incident.notices.find(({ sentTo }) => sentTo !== null)
  const dialog = {
    get incident() {
      return props.incident
    },
    onDone: () => props.reload(),
    onClose: () => setOpen(null),
  }
  return (
    <Show when={props.incident.breach || newest() !== undefined}>
      <PanelSection title="Notice to the authority">
        <Show when={sent()}>
          {(notice) => (
            <p>
              Version {notice().version} was sent to {notice().sentTo} by {notice().by ?? 'somebody who is gone'},{' '}
              <ExactMoment at={notice().sentAt} />
            </p>
          )}
        </Show>
        <PartList incident={props.incident} notice={newest()} />
        <Show when={props.incident.breach}>
          <Acts
            of={[
              {
                label: newest() === undefined ? 'Write notice' : 'Write next version',
                blocked: access.why('incident.notifyBreach'),
                run: () => setOpen('write'),
              },
              { label: 'Record sending', blocked: access.why('incident.notifyBreach'), run: () => setOpen('send') },
            ]}
          />
        </Show>
        <For each={props.incident.notices}>{(notice) => <Version notice={notice} />}</For>
      </PanelSection>
      <Show when={open() === 'write'}>
        <WriteNotice {...dialog} />
      </Show>
      <Show when={open() === 'send'}>
        <SendNotice {...dialog} />
      </Show>
    </Show>
  )
}

/** The four parts, each with what is known of it. */
function PartList(props: { incident: Incident; notice: Notice | undefined }): JSX.Element {
  const parts = (): readonly Part[] => partsOf(props.incident, Date.now())
  return (
    <>
      <p class="muted">
        {saidOf(props.notice, parts())} of {parts().length} are known.
      </p>
      <ul class="notice-parts">
        <For each={partGroups}>
          {({ letter, title, parts: own }) => (
            <li>
              <p>
                {letter} {title}
              </p>
              <ul>
                <For each={own}>{(part) => <PartLine part={part} notice={props.notice} />}</For>
              </ul>
            </li>
          )}
        </For>
        <For each={parts().filter(({ name }) => name === 'delayReason')}>
          {(part) => <PartLine part={part} notice={props.notice} />}
        </For>
      </ul>
    </>
  )
}

function PartLine(props: { part: Part; notice: Notice | undefined }): JSX.Element {
  const text = (): string => partText(props.notice, props.part.name)
  return (
    <li class="notice-part" classList={{ 'notice-part-missing': text() === '' }}>
      <Show when={text() !== ''} fallback={<Circle aria-hidden="true" />}>
        <Check aria-hidden="true" />
      </Show>
      <span>
        <strong>{props.part.label}</strong>
        <Show when={text()} fallback={<span class="muted"> missing</span>}>
          <span class="incident-text">{text()}</span>
        </Show>
      </span>
    </li>
  )
}

/** One version as it was written, to be read, copied and saved. */
function Version(props: { notice: Notice }): JSX.Element {
  const standing = (): string => (props.notice.sentTo === null ? 'a draft' : `sent to ${props.notice.sentTo}`)
  const name = (): string => `breach-notice-${props.notice.incident}-v${props.notice.version}.md`
  return (
    <details class="notice-version">
      <summary>
        Version {props.notice.version}, {standing()}{' '}
        <span class="muted">
          by {props.notice.by ?? 'somebody who is gone'}, <Moment at={props.notice.writtenAt} />
        </span>
      </summary>
      <pre tabindex="0" aria-label={`Version ${props.notice.version} of the notice`}>
        {props.notice.document}
      </pre>
      <div class="form-actions">
        <CopyButton text={props.notice.document} what={`version ${props.notice.version}`} />
        <Button class="button-small" onClick={() => saveText(props.notice.document, name())}>
          Save as file
        </Button>
      </div>
    </details>
  )
}
