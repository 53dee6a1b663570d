import type { ContextType, ContextValue } from '@gatehouse/contract'
import type { PolicyFacts } from '../policy-set.ts'

/** What the policies single out by name: beside attributes, the only thing that makes two things differ for Cedar. */
export interface PolicyLiterals {
  /** The ids of a type that any policy names. */
  idsOf(type: string): readonly string[]
  /** Values of a fact of the input that may be decided differently; one where no policy asks for it. */
  valuesOf(field: string, type: ContextType): readonly ContextValue[]
}

/** A policy that singles out more than this is sampled, not enumerated. */
const literalsMax = 32

const sampleOf: Readonly<Record<ContextType, readonly ContextValue[]>> = {
  String: ['', 'deploy'],
  Long: [0, 3600, 2 ** 31 - 1],
  Bool: [false, true],
  'Set<String>': [['deploy'], []],
}

/** Reads a set of policies for what they name. */
export function literalsOf(policies: readonly Pick<PolicyFacts, 'text'>[]): PolicyLiterals {
  const texts = policies.map(({ text }) => text)
  return {
    idsOf: (type) => distinct(texts.flatMap((text) => [...text.matchAll(literalOf(type))].map(([, id = '']) => id))),
    valuesOf: (field, type) => {
      const asking = texts.filter((text) => mentions(text, field))
      if (asking.length === 0) return sampleOf[type].slice(0, 1)
      return distinct([...sampleOf[type], ...asking.flatMap((text) => literalsIn(text, type))])
    },
  }
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)].slice(0, literalsMax)

const literalOf = (type: string): RegExp => new RegExp(`\\b${type}::"([^"\\\\]*)"`, 'g')

const mentions = (text: string, field: string): boolean =>
  text.includes(`context.${field}`) || text.includes(`context["${field}"]`) || text.includes(`context has ${field}`)

function literalsIn(text: string, type: ContextType): ContextValue[] {
  if (type === 'Bool') return []
  if (type === 'Long')
    return [...text.matchAll(/(?<![\w".])\d{1,15}(?![\w".])/g)].flatMap(([digits]) => around(Number(digits)))
  const words = [...text.matchAll(/(?<!::)"([^"\\]*)"/g)].map(([, word = '']) => word)
  return type === 'String' ? words : words.map((word) => [word])
}

const around = (value: number): number[] => [value - 1, value, value + 1].filter((one) => one >= 0)
