import type { Raw } from '@gatehouse/contract'
import { given, givenList } from '../../ui/form.ts'

/** A question to the policies as a person writes it: the fields of the form, which are those of the URL. */
export type QuestionDraft = Readonly<Record<QuestionField, string>>

/** Fields of a question, as the URL names them. */
export const questionFields = [
  'decision',
  'principalType',
  'principal',
  'action',
  'type',
  'id',
  'workspace',
  'session',
  'address',
  'context',
  'properties',
  'parameters',
] as const
export type QuestionField = (typeof questionFields)[number]

/** Whether the policies are asked about a call, or about what they decided once. */
export type QuestionKind = 'call' | 'decision'

/** The question that a URL holds. */
export const draftOf = (value: (field: QuestionField) => string | undefined): QuestionDraft =>
  // every field is set just here
  Object.fromEntries(questionFields.map((field) => [field, value(field) ?? ''])) as QuestionDraft

/** A recorded decision is asked for by its id alone. */
export const kindOf = ({ decision }: QuestionDraft): QuestionKind => (decision === '' ? 'call' : 'decision')

/** Whether anything is asked. */
export const isAsked = (draft: QuestionDraft): boolean =>
  draft.decision !== '' || [draft.action, draft.type, draft.id].every((text) => text !== '')

/** What of a draft belongs to its kind: the rest was typed before the other kind was picked, and is not sent. */
export function ofKind(draft: QuestionDraft, kind: QuestionKind): QuestionDraft {
  if (kind === 'decision') return { ...draftOf(() => undefined), decision: draft.decision.trim() }
  const self = draft.principalType === ''
  return { ...draft, decision: '', ...(self ? { principal: '' } : {}) }
}

/** The question as the operation takes it. */
export function inputOf(draft: QuestionDraft): Raw<'policy.explain'> {
  if (draft.decision !== '') return { decision: draft.decision }
  return {
    ...(draft.principalType === ''
      ? {}
      : { principal: { type: principalTypeOf(draft.principalType), id: draft.principal.trim() } }),
    session: given(draft.session),
    ...callOf(draft),
  }
}

/** The same call, whoever makes it. */
export const callOf = (draft: QuestionDraft): Raw<'policy.whoCould'> => ({
  action: draft.action.trim(),
  resource: { type: draft.type.trim(), id: draft.id.trim() },
  workspace: given(draft.workspace),
  address: given(draft.address),
  context: factsIn(draft.context),
  properties: factsIn(draft.properties),
  parameters: givenList(draft.parameters),
})

const principalTypeOf = (text: string): 'User' | 'Service' => (text === 'Service' ? 'Service' : 'User')

/** Lines that are no `name=value`; each is named, so that it is found. */
export const strayLines = (text: string): readonly string[] => linesOf(text).filter((line) => line.indexOf('=') < 1)

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** `force=true` a line: true, false and whole numbers are what they look like, all else is text. */
export const factsIn = (text: string): Record<string, string | number | boolean> =>
  Object.fromEntries(
    linesOf(text)
      .filter((line) => line.indexOf('=') > 0)
      .map((line) => {
        const at = line.indexOf('=')
        return [line.slice(0, at).trim(), factOf(line.slice(at + 1).trim())]
      }),
  )

/** Fifteen digits are exact as a number. */
const wholeNumber = /^-?\d{1,15}$/

function factOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return wholeNumber.test(text) ? Number(text) : text
}
