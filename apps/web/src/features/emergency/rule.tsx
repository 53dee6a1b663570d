import type { Wire } from '@gatehouse/contract'
import { createSignal, For, Show, type JSX } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { Acts } from '../../ui/acts.tsx'
import { CopyBlock } from '../../ui/copy.tsx'
import { Note } from '../../ui/feedback.tsx'
import { CheckField, SelectField } from '../../ui/field.tsx'
import { givenList, type Form } from '../../ui/form.ts'
import { ExactMoment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Facts } from '../../ui/panel.tsx'
import { sentence } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { Answer } from '../answer/answer.tsx'
import { useAccess } from '../answer/use-access.tsx'
import { approvingRoles, flatRule, peopleOptions, ruleWords } from './rule-words.ts'
import './emergency.css'

type Rule = Wire<'breakGlass.ruleGet'>

/** Who must approve emergency access, and whether there are people to do it. */
export default function ApprovalRule(): JSX.Element {
  const loaded = createLoaded('breakGlass.ruleGet', () => ({}))
  return (
    <Page title="Approval rule" lead="Who must approve emergency access. It cannot be switched off.">
      <Answer of={loaded}>{(rule) => <RuleFacts rule={rule()} onChange={loaded.put} />}</Answer>
    </Page>
  )
}

function RuleFacts(props: { rule: Rule; onChange: (rule: Rule) => void }): JSX.Element {
  const access = useAccess()
  const [changing, setChanging] = createSignal(false)
  return (
    <div class="card stack narrow">
      <Show when={!props.rule.satisfiable}>
        <Note tone="bad" title="At this moment nobody can get emergency access.">
          {sentence(props.rule.problem ?? 'There are too few people for this rule.')}
        </Note>
      </Show>
      <p>
        <strong>Approved by {ruleWords(props.rule.rule)}.</strong>
      </p>
      <p class="muted">
        Each from a different team. These do not count: the requester, people who are only in the requester's teams, a
        second account of the same person, and people who got their account, role or team from the requester or another
        approver within 7 days, or from themselves.
      </p>
      <Facts
        of={[
          [
            'Signatures',
            props.rule.totpAdmitted
              ? 'A key signs the request. A second-factor code counts, too, and is marked as weaker.'
              : 'A key must sign the request.',
          ],
          ['Changed', <ExactMoment at={props.rule.updatedAt} none="never (default rule)" />],
          ['By', props.rule.updatedBy ?? undefined],
        ]}
      />
      <Acts of={[{ label: 'Change rule', blocked: access.why('breakGlass.ruleSet'), run: () => setChanging(true) }]} />
      <Show when={flatRule(props.rule.rule) === null}>
        <p class="muted">This rule has parts. A rule set here replaces all of them; in a terminal they can be kept:</p>
        <CopyBlock
          text={`npx --no-install gatehouse break-glass rule-set --rule '${JSON.stringify(props.rule.rule)}'`}
          what="command"
        />
      </Show>
      <Show when={changing()}>
        <ChangeRule rule={props.rule} onChange={props.onChange} onClose={() => setChanging(false)} />
      </Show>
    </div>
  )
}

function ChangeRule(props: { rule: Rule; onChange: (rule: Rule) => void; onClose: () => void }): JSX.Element {
  const now = flatRule(props.rule.rule) ?? { people: 2, roles: ['Admin', 'Operator'] }
  return (
    <ActDialog
      name="breakGlass.ruleSet"
      title="Change the approval rule?"
      verb="Change rule"
      onClose={props.onClose}
      onDone={props.onChange}
      initial={{
        people: String(now.people),
        roles: now.roles.join(','),
        totpAdmitted: props.rule.totpAdmitted ? 'yes' : '',
        rule: 'shown',
        reason: '',
      }}
      input={({ people, roles, totpAdmitted, reason = '' }) => ({
        rule: { people: Number(people), roles: givenList(roles) ?? [] },
        totpAdmitted: totpAdmitted === 'yes',
        reason,
      })}
      done={() => 'Approval rule changed.'}
      fields={(form) => <RuleFields form={form} />}
    >
      <p>
        A second administrator must approve the change. The first time, this asks for their approval; once they have
        approved it, do the same again.
      </p>
    </ActDialog>
  )
}

function RuleFields(props: { form: Form<Rule> }): JSX.Element {
  const roles = (): readonly string[] => givenList(props.form.values()['roles']) ?? []
  const toggle = (role: string, checked: boolean): void =>
    props.form.set('roles')((checked ? [...roles(), role] : roles().filter((other) => other !== role)).join(','))
  return (
    <>
      <SelectField
        label="How many"
        value={props.form.values()['people'] ?? ''}
        options={peopleOptions}
        problem={props.form.problem('rule')}
        onText={props.form.set('people')}
      />
      <fieldset class="emergency-actions">
        <legend>With one of these roles</legend>
        <For each={approvingRoles}>
          {(role) => (
            <CheckField label={role} checked={roles().includes(role)} onCheck={(checked) => toggle(role, checked)} />
          )}
        </For>
      </fieldset>
      <CheckField
        label="A second-factor code counts, too (marked as weaker)"
        checked={props.form.values()['totpAdmitted'] === 'yes'}
        onCheck={(checked) => props.form.set('totpAdmitted')(checked ? 'yes' : '')}
      />
    </>
  )
}
