import type { Chance } from './chance.ts'

/** Text of a policy that looks wherever policies can look. Many err on many requests, which is meant. */
export function policyBy(chance: Chance): string {
  const effect = chance.pick(['permit', 'permit', 'forbid'])
  const scope = [
    chance.pick([...anything('principal'), ...principals]),
    chance.pick(actions),
    chance.pick([...anything('resource'), ...resources]),
  ]
  const clauses = Array.from({ length: chance.below(3) }, () =>
    chance.pick([`when { ${bool(chance, 3)} }`, `unless { ${bool(chance, 3)} }`]),
  )
  return `${effect} (${scope.join(', ')}) ${clauses.join(' ')};`
}

const anything = (name: string): string[] => [name, name, name]
const principals = [
  'principal is User',
  'principal is Service',
  'principal == User::"a"',
  'principal == Service::"b"',
  'principal in Role::"Admin"',
  'principal in Team::"b"',
  'principal in Group::"c"',
  'principal in User::"b"',
  'principal is User in Group::"b"',
  'principal is User in Role::"Viewer"',
]
const actions = [
  'action',
  'action',
  'action == Action::"read"',
  'action in Action::"any"',
  'action in Action::"writers"',
  'action in [Action::"read", Action::"writes"]',
  'action in [Action::"seal", Action::"readers"]',
  'action in []',
]
const resources = [
  'resource is Doc',
  'resource is Box',
  'resource is Team',
  'resource == Doc::"a"',
  'resource in Doc::"c"',
  'resource in Team::"b"',
  'resource in Group::"c"',
  'resource is Box in Doc::"b"',
]

type Make = (chance: Chance, depth: number) => string

/** One that stands in `all`; near the ground only the first ones, which need no other expression. */
const choice = (chance: Chance, depth: number, all: readonly Make[]): string =>
  chance.pick(depth > 0 ? all : all.slice(0, 3))(chance, depth - 1)

const user: Make = (chance, depth) =>
  choice(chance, depth, [
    () => chance.pick(['principal', 'principal', 'User::"a"', 'User::"b"']),
    () => 'resource.owner',
    () => 'context.approver',
    (c, d) => `${user(c, d)}.boss`,
    (c, d) => `${user(c, d)}.prefs.owner`,
    (c, d) => `${prefs(c, d)}.deep.who`,
    (c, d) => `(if ${bool(c, d)} then ${user(c, d)} else ${user(c, d)})`,
    (c, d) => `{one: ${user(c, d)}, two: resource}.${c.pick(['one', 'two'])}`,
    () => 'resource.meta.by',
    () => 'Team::"a".lead',
    (c, d) => `${doc(c, d)}.owner`,
    () => 'principal.owner',
  ])

const doc: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'resource',
    () => 'principal.home',
    () => chance.pick(['Doc::"a"', 'Doc::"c"']),
    () => 'resource.doc',
    (c, d) => `${user(c, d)}.home`,
    () => 'context.doc',
    (c, d) => `(if ${bool(c, d)} then ${doc(c, d)} else resource)`,
  ])

const prefs: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'context.prefs',
    () => 'principal.prefs',
    () => 'User::"b".prefs',
    (c, d) => `${user(c, d)}.prefs`,
    (c, d) => `{p: ${prefs(c, d)}}.p`,
    (c, d) => `(if ${bool(c, d)} then ${prefs(c, d)} else ${prefs(c, d)})`,
  ])

const team: Make = (chance) => chance.pick(['Team::"a"', 'Team::"b"', 'resource'])

const teams: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'resource.teams',
    () => 'principal.teams',
    () => '[Team::"a", Team::"c"]',
    (c, d) => `${doc(c, d)}.teams`,
    (c, d) => `[${team(c, d)}, ${team(c, d)}]`,
    (c, d) => `${user(c, d)}.teams`,
  ])

const users: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'principal.friends',
    () => 'resource.readers',
    () => '[User::"a", User::"b"]',
    (c, d) => `[${user(c, d)}, ${user(c, d)}]`,
    (c, d) => `${user(c, d)}.friends`,
    (c, d) => `${doc(c, d)}.readers`,
  ])

const long: Make = (chance, depth) =>
  choice(chance, depth, [
    () => chance.pick(['0', '1', '2', '7', '9007199254740991']),
    () => 'context.n',
    () => 'principal.age',
    (c, d) => `${doc(c, d)}.level`,
    (c, d) => `${prefs(c, d)}.deep.n`,
    (c, d) => `(${long(c, d)} ${c.pick(['+', '-', '*'])} ${long(c, d)})`,
    (c, d) => `(-(${long(c, d)}))`,
    (c, d) => `${user(c, d)}.age`,
    () => 'Team::"b".level',
  ])

const text: Make = (chance, depth) =>
  choice(chance, depth, [
    () => chance.pick(['"a"', '"b"', '"s1:a"', '""', '"x*y"']),
    () => 'principal.name',
    () => 'context.why',
    (c, d) => `${user(c, d)}.name`,
    (c, d) => `${prefs(c, d)}.theme`,
    () => 'resource.meta.note',
  ])

const words: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'context.words',
    () => 'principal.flags',
    () => '["a", "b"]',
    () => 'resource.labels',
    (c, d) => `[${text(c, d)}, ${text(c, d)}]`,
    (c, d) => `${user(c, d)}.flags`,
  ])

const address: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'context.ip',
    () => 'ip("10.0.0.1")',
    () => 'principal.net',
    (c, d) => `${user(c, d)}.net`,
  ])

const instant: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'context.now',
    () => 'datetime("2026-11-25T12:00:00.000Z")',
    () => 'principal.born',
    (c, d) => `${user(c, d)}.born`,
    (c, d) => `${instant(c, d)}.offset(duration("${c.pick(['1h', '-1d', '0s'])}"))`,
    (c, d) => `${prefs(c, d)}.deep.at`,
    (c, d) => `${instant(c, d)}.toDate()`,
  ])

const span: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'duration("1h")',
    () => 'context.span',
    () => 'principal.limit',
    (c, d) => `${instant(c, d)}.durationSince(${instant(c, d)})`,
    (c, d) => `${instant(c, d)}.toTime()`,
  ])

const score: Make = (chance, depth) =>
  choice(chance, depth, [
    () => 'decimal("1.5")',
    () => 'principal.score',
    () => 'decimal("-3.1415")',
    (c, d) => `${user(c, d)}.score`,
  ])

const anyOf: Make = (chance, depth) =>
  chance.pick([user, doc, prefs, teams, users, long, text, words, address, instant, span, score, wholes])(chance, depth)

const wholes: Make = (chance) => chance.pick(['context', 'principal', 'resource', 'action', '{a: context}', '[resource]'])

const compare = (chance: Chance): string => chance.pick(['<', '<=', '>', '>='])

const bool: Make = (chance, depth) =>
  choice(chance, depth, [
    () => chance.pick(['context.mfa', 'principal.active', 'principal.bound', 'true', 'false']),
    () =>
      chance.pick([
        'principal has boss',
        'principal has home.meta.by.boss',
        'context has approver',
        'context has prefs.deep.who',
        'resource has meta',
        'resource has doc.meta.note',
        'principal has teams',
        'resource has owner',
      ]),
    () =>
      chance.pick([
        'principal in Group::"c"',
        'resource in Group::"b"',
        'principal in Role::"Admin"',
        'action in Action::"writers"',
        'Action::"write" in Action::"any"',
        'Team::"a" in Group::"c"',
        'principal == User::"a"',
      ]),
    (c, d) => `(${bool(c, d)} && ${bool(c, d)})`,
    (c, d) => `(${bool(c, d)} || ${bool(c, d)})`,
    (c, d) => `!(${bool(c, d)})`,
    (c, d) => `(if ${bool(c, d)} then ${bool(c, d)} else ${bool(c, d)})`,
    (c, d) => `${user(c, d)} == ${user(c, d)}`,
    (c, d) => `${doc(c, d)} != ${doc(c, d)}`,
    (c, d) => `${prefs(c, d)} == ${prefs(c, d)}`,
    (c, d) => `${user(c, d)} in ${teams(c, d)}`,
    (c, d) => `${user(c, d)} in ${users(c, d)}`,
    (c, d) => `${doc(c, d)} in ${c.pick([doc, teams])(c, d)}`,
    (c, d) => `${users(c, d)}.contains(${user(c, d)})`,
    (c, d) => `${words(c, d)}.${c.pick(['containsAll', 'containsAny'])}(${words(c, d)})`,
    (c, d) => `${c.pick([words, users])(c, d)}.isEmpty()`,
    (c, d) => `${long(c, d)} ${compare(c)} ${long(c, d)}`,
    (c, d) => `${instant(c, d)} ${compare(c)} ${instant(c, d)}`,
    (c, d) => `${span(c, d)} ${compare(c)} ${span(c, d)}`,
    (c, d) => `${score(c, d)}.${c.pick(['lessThan', 'greaterThanOrEqual'])}(${score(c, d)})`,
    (c, d) => `${text(c, d)} like "${c.pick(['a*', '*', '*b', 'x\\*y'])}"`,
    (c, d) => `${address(c, d)}.isInRange(ip("10.0.0.0/8"))`,
    (c, d) => `${address(c, d)}.isIpv4()`,
    (c, d) => `${c.pick([user, doc])(c, d)} is ${c.pick(['User', 'Doc', 'Box', 'Service'])}`,
    (c, d) => `${user(c, d)} is User in ${c.pick(['Group::"b"', 'resource.teams'])}`,
    (c, d) => `${user(c, d)} has ${c.pick(['boss', 'prefs.owner', 'home.meta.note', 'born'])}`,
    (c, d) => `${prefs(c, d)}.deep has ${c.pick(['who', 'who.boss', 'at'])}`,
    (c, d) => `{a: ${text(c, d)}, b: ${user(c, d)}} == {a: ${text(c, d)}, b: ${user(c, d)}}`,
    (c, d) => `${anyOf(c, d)} == ${anyOf(c, d)}`,
    (c, d) => `[${user(c, d)}, ${user(c, d)}] == ${users(c, d)}`,
  ])
