import { A, useParams } from '@solidjs/router'
import type { Wire } from '@gatehouse/contract'
import { Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { CopyBlock } from '../../ui/copy.tsx'
import { Empty } from '../../ui/feedback.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { Facts, PanelSection, SidePanel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state.tsx'
import { Answer } from '../answer/answer.tsx'

/** One policy, whole. */
export default function PolicyDetail(): JSX.Element {
  const params = useParams()
  const id = (): string => decodeURIComponent(params['id'] ?? '')
  const loaded = createLoaded('policy.list', () => ({ first: 200 }))
  const found = (page: Wire<'policy.list'>): Wire<'policy.list'>['items'][number] | undefined =>
    page.items.find((policy) => policy.id === id())
  return (
    <SidePanel kind="Policy" title={id()} back="/policy">
      <Answer of={loaded}>
        {(page) => (
          <Show when={found(page())} fallback={<Empty title="This policy is no longer active" />}>
            {(policy) => (
              <>
                <div class="row">
                  <StateMark state={policy().effect} />
                </div>
                <p>{policy().doc}</p>
                <Facts
                  of={[
                    ['Severity', policy().severity],
                    ['File', <code>{policy().file}</code>],
                    ['Loaded', <ExactMoment at={policy().loadedAt} />],
                  ]}
                />
                <PanelSection title="Source">
                  <CopyBlock text={policy().source} what="policy text" />
                </PanelSection>
                <PanelSection title="Related">
                  <p>
                    <A href="/record/audit?outcome=refused">Refused requests</A>
                  </p>
                </PanelSection>
              </>
            )}
          </Show>
        )}
      </Answer>
    </SidePanel>
  )
}
