import type { Raw } from '@gatehouse/contract'
import { createSignal, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { PanelSection } from '../../ui/panel.tsx'
import { joinWords } from '../../words.ts'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { WhoCouldList } from '../policy/who-could.tsx'
import { keyRights, type Key } from './key-words.ts'
import '../../ui/acts.css'

/** Who may use a key: the person themselves, and, looked up when they want it, everybody else. */
export function KeyUsers(props: { key: Key }): JSX.Element {
  const access = useAccess()
  const [action, setAction] = createSignal('kms.decrypt')
  const [asked, setAsked] = createSignal<Raw<'policy.whoCould'> | null>(null)
  const loaded = createLoaded('policy.whoCould', asked)
  const ask = (after?: string): void =>
    void setAsked({
      action: action(),
      resource: { type: 'KmsKey', id: props.key.id },
      ...(after === undefined ? {} : { after }),
    })
  return (
    <PanelSection title="Who may use it">
      <OwnRights workspace={props.key.workspace} />
      <SelectField
        label="Right"
        value={action()}
        options={keyRights}
        onText={(next) => {
          setAction(next)
          setAsked(null)
        }}
      />
      <div class="form-actions">
        <Button
          busy={loaded.loading() && asked() !== null}
          blocked={access.why('policy.whoCould')}
          onClick={() => ask()}
        >
          Show who may
        </Button>
      </div>
      <Show when={access.why('policy.whoCould')}>{(why) => <p class="acts-why">{why()}</p>}</Show>
      <Show when={asked() !== null}>
        <Answer of={loaded} lines={3}>
          {(answer) => <WhoCouldList of={answer()} past={false} onNext={ask} />}
        </Answer>
      </Show>
    </PanelSection>
  )
}

/** What the person may try here, as the server says it of the key's workspace. */
function OwnRights(props: { workspace: string }): JSX.Element {
  const access = useAccess()
  const mine = (): string[] =>
    keyRights.filter(([operation]) => access.why(operation, props.workspace) === null).map(([, right]) => right)
  return (
    <Show when={access.known()}>
      <p>{mine().length === 0 ? 'You can see this key, but not use it.' : `Your own rights: ${joinWords(mine())}.`}</p>
    </Show>
  )
}
