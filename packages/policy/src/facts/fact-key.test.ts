// Threat C11: two sets of facts under one key are one remembered decision, and the second is given the first one's.
import type { CedarEntity, CedarValue, DecisionRequest, EntityUid } from '@gatehouse/enforcement'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entitiesByUid } from './entities-by-uid.ts'
import { factKeyOf } from './fact-key.ts'
import type { Demand, Reach } from './reach.ts'

const demand = (parts: Partial<Demand> = {}): Demand => ({
  type: null,
  isWhole: false,
  isAbove: false,
  same: new Map(),
  within: new Map(),
  fields: new Map(),
  ...parts,
})
const fields = (...names: readonly string[]): Demand =>
  demand({ fields: new Map(names.map((name) => [name, demand()])) })
const box: EntityUid = { type: 'Box', id: 'a' }
const ann: EntityUid = { type: 'User', id: 'ann' }

/** The key of what policies of this reach can learn. */
function keyBy(reach: Partial<Reach>) {
  const key = factKeyOf({
    principal: demand(),
    resource: demand(),
    context: demand(),
    named: [],
    actions: new Set(),
    ...reach,
  })
  return ({ entities = [], ...facts }: Partial<Pick<DecisionRequest, 'resource' | 'context' | 'entities'>>): string => {
    // what is asked is of no account here
    const request = { principal: ann, action: 'read', resource: box, context: {}, ...facts, entities }
    return key(request as unknown as DecisionRequest, entitiesByUid(entities))
  }
}
const entity = (uid: EntityUid, attrs: CedarEntity['attrs'] = {}, parents: EntityUid[] = []): CedarEntity => ({
  uid,
  attrs,
  parents,
})

describe('is another one', () => {
  test('where another of two attributes is there', () => {
    const key = keyBy({ context: fields('one', 'two') })
    const contexts: DecisionRequest['context'][] = [{}, { one: true }, { two: true }, { one: true, two: true }]
    const all = contexts.map((context) => key({ context }))
    expect(new Set(all).size).toBe(4)
  })

  test('where another of two entities is there', () => {
    const key = keyBy({ principal: fields('one'), resource: fields('one') })
    const all = [[], [entity(ann)], [entity(box)], [entity(ann), entity(box)]].map((entities) => key({ entities }))
    expect(new Set(all).size).toBe(4)
  })

  test('where it is the entity itself in which policies ask whether it lies, or a child of it, or a stranger', () => {
    const key = keyBy({ resource: demand({ within: new Map([['box', box]]) }) })
    const other: EntityUid = { type: 'Box', id: 'b' }
    const itself = key({ resource: box })
    expect(key({ resource: other })).not.toBe(itself)
    expect(key({ resource: other, entities: [entity(other, {}, [box])] })).toBe(itself)
  })

  test('where it is another entity of the same id', () => {
    const key = keyBy({ resource: demand({ same: new Map([['box', box]]) }) })
    expect(key({ resource: box })).not.toBe(key({ resource: { type: 'Crate', id: box.id } }))
  })

  test('where it lies in others, however their names run together', () => {
    const key = keyBy({ resource: demand({ isAbove: true }) })
    const within = (...ids: readonly string[]) =>
      key({
        entities: [
          entity(
            box,
            {},
            ids.map((id) => ({ type: 'T', id })),
          ),
        ],
      })
    const names = [[], ['a'], ['b'], ['a', 'b'], ['a', 'bsTsc'], ['asTsb', 'c'], ['as1:Ts1:b', 'c']]
    expect(new Set(names.map((ids) => within(...ids))).size).toBe(names.length)
  })

  test('for any two values that differ, of whatever they are made', () => {
    const key = keyBy({ context: demand({ isWhole: true }) })
    // of the marks themselves by which a key is written
    const word = fc.string({ unit: fc.constantFrom('s', 'n', 't', '1', '2', ':', ';', '[', '{'), maxLength: 3 })
    const { value } = fc.letrec<{ value: CedarValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 2 },
        word,
        fc.integer({ min: -2, max: 12 }),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(word, tie('value'), { maxKeys: 2, noNullPrototype: true }),
      ),
    }))
    const seen = new Map<string, string>()
    for (const one of [
      ['', 's'],
      ['s', ''],
    ])
      seen.set(key({ context: { one } }), JSON.stringify(one))
    expect(seen.size).toBe(2)
    fc.assert(
      fc.property(value, (one) => {
        const [text, json] = [key({ context: { one } }), JSON.stringify(one)]
        const before = seen.get(text) ?? json
        seen.set(text, json)
        return before === json
      }),
      { numRuns: 3000 },
    )
  })
})
