import { counted } from '../../words.ts'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** So many people of some roles: the simplest rule. */
export interface FlatRule {
  readonly people: number
  readonly roles: readonly string[]
}

/** The rule where it is a flat one; null: it has parts. */
export function flatRule(rule: unknown): FlatRule | null {
  if (!isRecord(rule)) return null
  const { people, roles } = rule
  if (typeof people !== 'number' || !Array.isArray(roles)) return null
  return { people, roles: roles.map(String) }
}

const partsOf = (rule: Readonly<Record<string, unknown>>, name: string): readonly unknown[] | null => {
  const parts = rule[name]
  return Array.isArray(parts) ? parts : null
}

/** A rule of who must approve, in words. */
export function ruleWords(rule: unknown): string {
  const flat = flatRule(rule)
  if (flat !== null)
    return `${flat.people === 1 ? '1 person' : `${flat.people} people`} with the role ${flat.roles.join(' or ')}`
  if (!isRecord(rule)) return 'a rule that this page cannot show'
  const all = partsOf(rule, 'allOf')
  if (all !== null) return all.map(inner).join(' and ')
  const any = partsOf(rule, 'anyOf')
  if (any !== null) return any.map(inner).join(', or else ')
  const steps = partsOf(rule, 'inSequence')
  if (steps !== null) return `first ${steps.map(inner).join(', then ')}`
  return 'a rule that this page cannot show'
}

const inner = (part: unknown): string => (flatRule(part) === null ? `(${ruleWords(part)})` : ruleWords(part))

/** How many approvers a flat rule can ask for. */
export const peopleOptions = [2, 3, 4, 5, 6].map((people) => [String(people), counted(people, 'approver')] as const)

/** Roles whose holders approve. */
export const approvingRoles = ['Admin', 'Operator', 'Developer'] as const
