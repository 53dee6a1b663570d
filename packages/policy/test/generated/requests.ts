import { extension, ref, uid, type CedarEntity, type CedarValue, type DecisionRequest } from '@gatehouse/enforcement'
import type { Chance } from './chance.ts'

type Attributes = Record<string, CedarValue>

export const ids = ['a', 'b', 'c'] as const
const texts = ['', 'a', 'b', 'ab', 's1:a', 'x*y', '"', 'é'] as const
const instants = ['2026-11-25T12:00:00.000Z', '2026-11-25T12:00:00.001Z', '1969-12-31T23:59:59.999Z'] as const
const addresses = ['10.0.0.1', '10.1.0.1', '192.0.2.7', '::1', '2001:db8::1'] as const
const longs = [-1, 0, 1, 2, 7, 2 ** 53 - 1] as const

const user = (chance: Chance): CedarValue => ref('User', chance.pick(ids))
const text = (chance: Chance): CedarValue => chance.pick(texts)
const long = (chance: Chance): CedarValue => chance.pick(longs)
const setOf = (chance: Chance, one: (chance: Chance) => CedarValue): CedarValue =>
  Array.from({ length: chance.below(3) }, () => one(chance))

/** Attributes that may be missing are missing every second time. */
function optional(chance: Chance, attributes: Readonly<Record<string, (chance: Chance) => CedarValue>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, make]) => (chance.once(2) ? [] : [[name, make(chance)] as const])),
  )
}

const prefs = (chance: Chance): CedarValue => ({
  theme: text(chance),
  ...optional(chance, { owner: user }),
  deep: { n: long(chance), ...optional(chance, { who: user, at: () => extension('datetime', chance.pick(instants)) }) },
})

const attributesOf: Readonly<Record<string, (chance: Chance) => Attributes>> = {
  Role: () => ({}),
  Group: () => ({}),
  Team: (chance) => ({ level: long(chance), ...optional(chance, { lead: user }) }),
  User: (chance) => ({
    name: text(chance),
    age: long(chance),
    active: chance.once(2),
    flags: setOf(chance, text),
    prefs: prefs(chance),
    friends: setOf(chance, user),
    ...optional(chance, {
      boss: user,
      home: () => ref('Doc', chance.pick(ids)),
      net: () => extension('ip', chance.pick(addresses)),
      score: () => extension('decimal', chance.pick(['0.0', '1.5', '-3.1415'])),
      born: () => extension('datetime', chance.pick(instants)),
      teams: () => setOf(chance, () => ref('Team', chance.pick(ids))),
    }),
  }),
  Service: (chance) => ({
    bound: chance.once(2),
    limit: extension('duration', chance.pick(['1h', '0s', '-5ms'])),
    ...optional(chance, { owner: user }),
  }),
  Doc: (chance) => ({
    owner: user(chance),
    level: long(chance),
    labels: setOf(chance, text),
    readers: setOf(chance, user),
    teams: setOf(chance, () => ref('Team', chance.pick(ids))),
    ...optional(chance, { meta: () => ({ by: user(chance), ...optional(chance, { note: text }) }) }),
  }),
  Box: (chance) => optional(chance, { doc: () => ref('Doc', chance.pick(ids)) }),
}

const parentsOf: Readonly<Record<string, readonly string[]>> = {
  Role: [],
  Group: ['Group'],
  Team: ['Group'],
  User: ['Team', 'Group', 'Role'],
  Service: ['Team'],
  Doc: ['Doc', 'Team'],
  Box: ['Doc'],
}

const roleIds = ['Admin', 'Viewer', 'Auditor'] as const
const idOf = (chance: Chance, type: string): string => chance.pick(type === 'Role' ? roleIds : ids)

function entity(chance: Chance, type: string, id: string): CedarEntity {
  const parents = (parentsOf[type] ?? []).flatMap((parent) =>
    chance.once(2) ? [] : [uid(parent, idOf(chance, parent))],
  )
  return {
    uid: uid(type, id),
    attrs: attributesOf[type]?.(chance) ?? {},
    // what lies in its own type lies in a later one, so that most requests have no ring
    parents: parents.filter((parent) => parent.type !== type || parent.id > id),
  }
}

/** Entities of every type; one in eight is missing, so that what is referred to is not there. */
function entities(chance: Chance): CedarEntity[] {
  const all = Object.keys(parentsOf).flatMap((type) => (type === 'Role' ? roleIds : ids).map((id) => [type, id] as const))
  return all.filter(() => !chance.once(8)).map(([type, id]) => entity(chance, type, id))
}

const base = (chance: Chance): Attributes => ({
  now: extension('datetime', chance.pick(instants)),
  ip: extension('ip', chance.pick(addresses)),
  mfa: chance.once(2),
  words: setOf(chance, text),
  ...optional(chance, { n: long, approver: user, prefs }),
})

const kinds = [
  { action: 'read', principals: ['User', 'Service'], resources: ['Doc', 'Box'], context: base },
  { action: 'write', principals: ['User', 'Service'], resources: ['Doc'], context: base },
  {
    action: 'seal',
    principals: ['User'],
    resources: ['Box', 'Team'],
    context: (chance: Chance): Attributes => ({
      why: text(chance),
      span: extension('duration', chance.pick(['1h', '2d'])),
      ...optional(chance, { doc: () => ref('Doc', chance.pick(ids)) }),
    }),
  },
] as const

/** A request that fits the schema. */
export function requestBy(chance: Chance): DecisionRequest {
  const { action, principals, resources, context } = chance.pick(kinds)
  return {
    principal: uid(chance.pick(principals), chance.pick(ids)),
    action: action as never, // the schema of this test has actions of its own
    resource: uid(chance.pick<string>(resources), chance.pick(ids)),
    context: context(chance),
    entities: entities(chance),
  }
}

/** The same request but for one thing: what a key that left something out would take for the same. */
export function neighbourOf(chance: Chance, request: DecisionRequest): DecisionRequest {
  const other = requestBy(chance)
  const at = chance.below(request.entities.length)
  const entitiesWith = (change: (entity: CedarEntity) => readonly CedarEntity[]): DecisionRequest => ({
    ...request,
    entities: request.entities.flatMap((one, index) => (index === at ? change(one) : [one])),
  })
  return chance.pick([
    () => ({ ...request, principal: uid(request.principal.type, chance.pick(ids)) }),
    () => ({ ...request, resource: uid(request.resource.type, chance.pick(ids)) }),
    () => ({ ...request, entities: other.entities }),
    () => ({ ...request, context: changedIn(chance, request.context, other.context) }),
    () => entitiesWith(() => []),
    () => entitiesWith(({ uid: { type, id } }) => [entity(chance, type, id)]),
    () => entitiesWith((one) => [{ ...one, parents: entity(chance, one.uid.type, one.uid.id).parents }]),
    () =>
      entitiesWith((one) => [
        { ...one, attrs: changedIn(chance, one.attrs, attributesOf[one.uid.type]?.(chance) ?? {}) },
      ]),
  ])()
}

function changedIn(chance: Chance, from: Readonly<Attributes>, to: Readonly<Attributes>): Attributes {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  if (names.length === 0) return from
  const name = chance.pick(names)
  const { [name]: _old, ...others } = from
  const value = to[name]
  // what only `to` lacks goes, what only `from` lacks comes
  return value === undefined ? others : { ...others, [name]: value }
}

const oddValues: readonly unknown[] = [
  null,
  undefined,
  2 ** 53,
  0.5,
  -0,
  '',
  'text',
  '\ud800',
  true,
  [],
  {},
  [1],
  { __entity: { type: 'User', id: 'a' } },
  { __entity: { type: 'Role', id: 'Nobody' } },
  { __entity: { type: 'Action', id: 'read' } },
  { __entity: { type: 'User', id: 'a' }, more: 1 },
  { type: 'User', id: 'a' },
  { __extn: { fn: 'ip', arg: '10.0.0.0/8' } },
  { __extn: { fn: 'ip', arg: '300.0.0.1' } },
  { __extn: { fn: 'ip', arg: '::ffff:10.0.0.1' } },
  { __extn: { fn: 'datetime', arg: '2026-02-30T00:00:00.000Z' } },
  { __extn: { fn: 'datetime', arg: '2026-11-25' } },
  { __extn: { fn: 'decimal', arg: '999999999999999.9999' } },
  { __extn: { fn: 'decimal', arg: '1.23456' } },
  { __extn: { fn: 'duration', arg: '1d2h' } },
  { __extn: { fn: 'offset', arg: '1d' } },
  '10.0.0.1',
]

/** Something in it is odd: most do not fit the schema, some do all the same. */
export function oddOf(chance: Chance, request: DecisionRequest): DecisionRequest {
  const at = chance.below(request.entities.length)
  const entitiesWith = (change: (entity: CedarEntity) => readonly CedarEntity[]): DecisionRequest => ({
    ...request,
    entities: request.entities.flatMap((one, index) => (index === at ? change(one) : [one])),
  })
  const odd = (): CedarValue => oddValues[chance.below(oddValues.length)] as CedarValue // that it is none is the point
  const spoilt = (record: Readonly<Attributes>): Attributes => ({
    ...record,
    [chance.pick([...Object.keys(record), 'unheard', '__proto__x'])]: odd(),
  })
  const type = chance.pick([...Object.keys(parentsOf), 'Action', 'Nothing'])
  const stranger = uid(type, chance.pick(['a', 'Admin', 'read', '\ud800', 'a\0b']))
  return chance.pick([
    () => ({ ...request, context: spoilt(request.context) }),
    () => entitiesWith((one) => [{ ...one, attrs: spoilt(one.attrs) }]),
    () => entitiesWith((one) => [one, one]),
    () => entitiesWith((one) => [one, { ...one, attrs: {} }]),
    () => entitiesWith((one) => [{ ...one, parents: [...one.parents, stranger] }]),
    () => entitiesWith((one) => [{ ...one, parents: [...one.parents, one.uid] }]),
    () => entitiesWith((one) => [one, { uid: stranger, attrs: {}, parents: [] }]),
    () => ({ ...request, principal: stranger }),
    () => ({ ...request, resource: stranger }),
    () => ({ ...request, action: chance.pick(['read', 'seal', 'any', 'nothing']) as never }),
  ])()
}
