import { isFactName } from '@gatehouse/contract'
import { shownText } from '@gatehouse/kit'
import { modelOf, type RecordType, type ResolvedSchema } from './facts/schema-model.ts'
import type { PolicyProblem } from './policy-problem.ts'

/**
 * Attributes that a schema has and no question can say: what forbids by one of them forbids nothing, since it is never
 * there (threat C6).
 */
export function namelessFacts(schemaJson: ResolvedSchema): readonly PolicyProblem[] {
  const model = modelOf(schemaJson)
  if (model === null) return []
  const of = (what: string, record: RecordType | null): readonly PolicyProblem[] =>
    [...(record?.attributes.keys() ?? [])]
      .filter((name) => !isFactName(name))
      .map((name) => ({ file: 'schema', line: null, message: shownText(`no question can say \`${name}\` ${what}`) }))
  return [
    ...[...model.entities].flatMap(([name, { attributes }]) => of(`of a ${name}`, attributes)),
    ...[...model.actions].flatMap(([name, { context }]) => of(`of the call of \`${name}\``, context)),
  ].map((problem) => ({ ...problem, message: `${problem.message}: ${rule}` }))
}

const rule = 'names of facts are letters of ASCII, digits and _, 64 at most, and begin with no digit and no __'
