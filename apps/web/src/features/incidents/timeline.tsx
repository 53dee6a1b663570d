import { A } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { For, Show, type JSX } from 'solid-js'
import { Moment } from '../../ui/moment.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { stepWords } from './incident-words.ts'

type Step = Wire<'incident.get'>['timeline'][number]

/** What happened when, oldest first. */
export function Timeline(props: { steps: readonly Step[] }): JSX.Element {
  return (
    <PanelSection title="Timeline">
      <ol class="incident-list">
        <For each={props.steps}>
          {(step) => (
            <li>
              <p>
                <strong>{stepWords(step)}</strong>{' '}
                <span class="muted">
                  <Moment at={step.at} />
                  <Show when={step.by}>{(by) => <>, {by()}</>}</Show>
                </span>
              </p>
              <Show when={step.text !== ''}>
                <p class="incident-text">{step.text}</p>
              </Show>
              <StepLink step={step} />
            </li>
          )}
        </For>
      </ol>
    </PanelSection>
  )
}

/** Where a step stands whole, for who may see it there. */
function StepLink(props: { step: Step }): JSX.Element {
  const access = useAccess()
  const link = (): readonly [href: string, words: string] | null => {
    const { entry, request, session } = props.step
    if (entry !== null) return [`/record/audit/${entry}`, 'Open the entry']
    if (session !== null && access.may('emergencySession.get'))
      return [`/emergency/sessions/${session}`, 'Open the session']
    if (request !== null && access.may('breakGlass.get')) return [`/emergency/requests/${request}`, 'Open the request']
    return null
  }
  return <Show when={link()}>{(to) => <A href={to()[0]}>{to()[1]}</A>}</Show>
}
