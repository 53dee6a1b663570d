import { erasedText } from '@gatehouse/database'

/** What is known for the notice; each part stays as it was said last. */
export interface NoticeParts {
  readonly nature?: string | undefined
  readonly subjectCategories?: string | undefined
  readonly subjectCount?: number | undefined
  readonly recordCategories?: string | undefined
  readonly recordCount?: number | undefined
  readonly contact?: string | undefined
  readonly consequences?: string | undefined
  readonly measures?: string | undefined
  readonly delayReason?: string | undefined
}

/** The names of the parts. */
export const noticePartNames = [
  'nature',
  'subjectCategories',
  'subjectCount',
  'recordCategories',
  'recordCount',
  'contact',
  'consequences',
  'measures',
  'delayReason',
] as const satisfies readonly (keyof NoticeParts)[]

/** What a notice is made of. */
export interface NoticeFacts {
  readonly incident: string
  readonly version: number
  readonly parts: NoticeParts
  readonly detectedAt: Date
  readonly dueAt: Date
  /** When it is sent, or would be. */
  readonly at: Date
  readonly sentTo: string | null
}

interface Asked {
  readonly part: keyof NoticeParts
  readonly heading: string
  readonly missing: string
}

/** What Art. 33(3) asks for, in its order. */
const asked: readonly Asked[] = [
  { part: 'nature', heading: '(a) Nature of the breach', missing: 'the nature of the breach' },
  { part: 'subjectCategories', heading: '(a) Whose data', missing: 'the categories of data subjects' },
  { part: 'subjectCount', heading: '(a) People, about', missing: 'the approximate number of data subjects' },
  { part: 'recordCategories', heading: '(a) What data', missing: 'the categories of records' },
  { part: 'recordCount', heading: '(a) Records, about', missing: 'the approximate number of records' },
  { part: 'contact', heading: '(b) Data protection officer or contact', missing: 'the contact' },
  { part: 'consequences', heading: '(c) Likely consequences', missing: 'the likely consequences' },
  { part: 'measures', heading: '(d) Measures taken or proposed', missing: 'the measures' },
]
/** Art. 33(1): a notice after the 72 hours says why. */
const delay: Asked = { part: 'delayReason', heading: 'Reasons for the delay', missing: 'the reasons for the delay' }

/** The notice as a document, and what it does not say yet: that follows in further versions (Art. 33(4)). */
export function breachNotice(facts: NoticeFacts): { readonly document: string; readonly missing: string[] } {
  const isLate = facts.at > facts.dueAt
  const wanted = isLate ? [...asked, delay] : asked
  const missing = wanted.filter(({ part }) => facts.parts[part] === undefined).map((one) => one.missing)
  const lines = [
    '# Notification of a personal data breach (GDPR Art. 33)',
    '',
    `- Reference: ${facts.incident}, version ${facts.version}`,
    `- To: ${facts.sentTo ?? 'not sent yet (draft)'}`,
    `- Aware of it since: ${facts.detectedAt.toISOString()}`,
    `- Due (72 hours, Art. 33(1)): ${facts.dueAt.toISOString()}`,
    `- ${facts.sentTo === null ? 'Written' : 'Sent'}: ${facts.at.toISOString()}${isLate ? ' (late)' : ''}`,
    ...wanted.flatMap(({ part, heading }) => ['', `## ${heading}`, '', textOf(facts.parts[part])]),
    ...missingLines(missing),
    '',
  ]
  return { document: lines.join('\n'), missing }
}

const textOf = (part: string | number | undefined): string =>
  part === undefined ? '_Not known yet; follows (Art. 33(4))._' : String(part)

const missingLines = (missing: readonly string[]): string[] =>
  missing.length === 0 ? [] : ['', '## What follows', '', ...missing.map((one) => `- ${one}`)]

/** Parts as a row keeps them. None are left where an erased person was named in them: they are said again. */
export const storedParts = (stored: string): NoticeParts =>
  stored === erasedText ? {} : (JSON.parse(stored) as NoticeParts) // only what writes a notice writes them
