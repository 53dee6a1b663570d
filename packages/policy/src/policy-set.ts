import type { DetailedError, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { shownText } from '@gatehouse/kit'
import { askCedar } from './cedar-engine.ts'
import type { ResolvedSchema } from './facts/schema-model.ts'
import { namelessFacts } from './nameless-facts.ts'
import { nestingMax, nestingOf } from './policy-nesting.ts'
import { PolicyError, problemAt, type Place, type PolicyProblem } from './policy-problem.ts'
import { byName, type PolicySource, type SourceFile } from './policy-source.ts'

/** One policy, named by its `@id`. */
export interface PolicyFacts {
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly doc: string
  readonly severity: string
  readonly file: string
  readonly line: number
  readonly text: string
  /** The same, as the engine understands it. */
  readonly json: PolicyJson
}

/** A policy set that has been understood and strictly validated. Plain data: it crosses threads. */
export interface PolicySet {
  readonly version: string
  readonly schemaVersion: string
  readonly schema: string
  /** The same, as the engine understands it. */
  readonly schemaJson: ResolvedSchema
  /** What it was made from, policies and schema alike, by name: its version is made of exactly these. */
  readonly files: readonly SourceFile[]
  readonly policies: readonly PolicyFacts[]
  /** What was signed of the files; null: nothing. */
  readonly manifest: SourceFile | null
  /** What the validation finds odd: shown with its place, and no reason to refuse the set. */
  readonly warnings: readonly PolicyProblem[]
}

/** Its files as the history keeps them: with what was signed of them, so that it can be checked again. */
export const keptFiles = ({ files, manifest }: PolicySet): readonly SourceFile[] =>
  manifest === null ? files : [...files, manifest]

const idShape = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Understands and validates a directory, in strict mode. Errors refuse the set: throws `PolicyError` with every one.
 * Warnings (text in several scripts, a policy that can never apply) are kept beside it and shown.
 */
export function compilePolicySet(source: PolicySource): PolicySet {
  refuseBrokenText([...source.schemas, ...source.policies])
  const schema = source.schemas.map(({ text }) => text).join('\n')
  const schemaJson = schemaJsonOf(schema, source.schemas)
  const policies = partsOf(source.policies)
  const { errors, warnings } = validated(schema, policies)
  if (errors.length > 0) throw new PolicyError([...errors, ...warnings])
  const { version, schemaVersion, manifest } = source
  const files = [...source.schemas, ...source.policies].sort(byName)
  const shown = [...warnings, ...namelessFacts(schemaJson)]
  return { version, schemaVersion, schema, schemaJson, files, policies, manifest, warnings: shown }
}

/**
 * The binding throws from within at half a surrogate pair, and each throw costs some of its stack: after some hundreds
 * it answers nobody any more.
 */
function refuseBrokenText(files: readonly SourceFile[]): void {
  const broken = files.filter(({ file, text }) => !file.isWellFormed() || !text.isWellFormed())
  if (broken.length === 0) return
  throw new PolicyError(
    broken.map(({ file, text }) => ({ file: file.toWellFormed(), line: lineOfFlaw(text), message: brokenText })),
  )
}

const brokenText = 'half of a character stands here: the text is not well-formed'

function lineOfFlaw(text: string): number | null {
  const at = text.split('\n').findIndex((line) => !line.isWellFormed())
  return at < 0 ? null : at + 1
}

function schemaJsonOf(schema: string, files: readonly SourceFile[]): ResolvedSchema {
  const answer = askCedar((cedar) => cedar.schemaToJsonWithResolvedTypes(schema))
  if (answer.type === 'success') return answer.json
  throw new PolicyError(answer.errors.map((error) => schemaProblem(files, error)))
}

/** The names of actions that a schema declares, groups included. */
export const actionsOf = (schema: ResolvedSchema): ReadonlySet<string> =>
  new Set(Object.values(schema).flatMap(({ actions }) => Object.keys(actions)))

/** The schema is one text to Cedar; an error is given back to the file it stands in. */
function schemaProblem(files: readonly SourceFile[], error: DetailedError): PolicyProblem {
  let begin = 0
  const start = error.sourceLocations?.[0]?.start ?? 0
  for (const { file, text } of files) {
    const sizeBytes = Buffer.byteLength(text) + 1
    if (start < begin + sizeBytes) {
      const sourceLocations =
        error.sourceLocations?.map((at) => ({ ...at, start: at.start - begin, end: at.end - begin })) ?? []
      return problemAt({ file, firstLine: 1, text }, { ...error, sourceLocations })
    }
    begin += sizeBytes
  }
  return { file: files[0]?.file ?? 'schema', line: null, message: error.message }
}

function partsOf(files: readonly SourceFile[]): PolicyFacts[] {
  const problems: PolicyProblem[] = []
  const found = files.flatMap((file) => partsOfFile(file, problems))
  const first = new Map<string, PolicyFacts>()
  for (const policy of found) {
    const other = first.get(policy.id)
    if (other !== undefined)
      problems.push({
        file: policy.file,
        line: policy.line,
        message: `the id \`${policy.id}\` is taken by ${other.file}:${other.line}`,
      })
    first.set(policy.id, policy)
  }
  if (problems.length > 0) throw new PolicyError(problems)
  return found.sort(byPlace)
}

const byPlace = (one: PolicyFacts, two: PolicyFacts): number => {
  if (one.file === two.file) return one.line - two.line
  return one.file < two.file ? -1 : 1
}

function partsOfFile({ file, text }: SourceFile, problems: PolicyProblem[]): PolicyFacts[] {
  const parts = askCedar((cedar) => cedar.policySetTextToParts(text))
  if (parts.type === 'failure') {
    problems.push(...parts.errors.map((error) => problemAt({ file, firstLine: 1, text }, error)))
    return []
  }
  if (parts.policy_templates.length > 0)
    problems.push({ file, line: null, message: 'templates are not supported: write the policy out' })
  return parts.policies.flatMap((policy) => {
    const facts = factsOf({ file, firstLine: lineOf(text, policy), text: policy }, problems)
    return facts === null ? [] : [facts]
  })
}

const lineOf = (text: string, part: string): number => {
  const at = text.indexOf(part)
  return at < 0 ? 1 : text.slice(0, at).split('\n').length
}

function factsOf(place: Place, problems: PolicyProblem[]): PolicyFacts | null {
  const answer = askCedar((cedar) => cedar.policyToJson(place.text))
  if (answer.type === 'failure') {
    problems.push(...answer.errors.map((error) => problemAt(place, error)))
    return null
  }
  const { effect, annotations = {} } = answer.json
  const { id = '', doc = '', severity = '' } = annotations
  // default names such as `policy0` would move from one policy to another with every edit
  if (!idShape.test(id)) {
    problems.push({
      file: place.file,
      line: place.firstLine,
      message: 'every policy needs `@id("…")`: lower-case letters, digits and -, at most 64',
    })
    return null
  }
  if (nestingOf(answer.json) > nestingMax) {
    problems.push({ file: place.file, line: place.firstLine, message: tooDeep(id) })
    return null
  }
  return { id, effect, doc, severity, file: place.file, line: place.firstLine, text: place.text, json: answer.json }
}

const tooDeep = (id: string): string =>
  `policy \`${id}\` nests more than ${nestingMax} expressions, a chain of \`&&\` or \`||\` counted by its links: ` +
  'write it as several policies, or compare with a set'

interface Findings {
  readonly errors: readonly PolicyProblem[]
  readonly warnings: readonly PolicyProblem[]
}

function validated(schema: string, policies: readonly PolicyFacts[]): Findings {
  const answer = askCedar((cedar) =>
    cedar.validate({
      schema,
      policies: { staticPolicies: textsById(policies) },
      validationSettings: { mode: 'strict' },
    }),
  )
  const unplaced = (file: string, { message }: DetailedError): PolicyProblem => ({
    file,
    line: null,
    message: shownText(message),
  })
  if (answer.type === 'failure')
    return { errors: answer.errors.map((error) => unplaced('policies', error)), warnings: [] }
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const placed = ({ policyId, error }: { policyId: string; error: DetailedError }): PolicyProblem => {
    const policy = byId.get(policyId)
    return policy === undefined
      ? unplaced('policies', error)
      : problemAt({ file: policy.file, firstLine: policy.line, text: policy.text }, error)
  }
  return {
    errors: answer.validationErrors.map(placed),
    warnings: [
      ...answer.validationWarnings.map(placed),
      ...answer.otherWarnings.map((warning) => unplaced('schema', warning)),
    ],
  }
}

/** Policies as Cedar takes them when they are to be known by their own ids. */
export const textsById = (
  policies: readonly { readonly id: string; readonly text: string }[],
): Record<string, string> => Object.fromEntries(policies.map(({ id, text }) => [id, text]))
