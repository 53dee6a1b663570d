import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs'
import { createDecider, loadPolicies, requestIn, type OfflinePolicies, type Situation } from '@gatehouse/policy/offline'
import type { Decider, DecisionRequest } from '@gatehouse/enforcement'
import { compare, readable, type Row } from './row.ts'

const policiesTotal = 100
const policiesManyTotal = 1_000
const times = 800

/** What people do most: a certificate for a host, and the lists that a screen asks for. */
const situations: readonly Situation[] = (
  ['sshCertificate.sign', 'lease.list', 'sshHost.get', 'audit.search'] as const
).map((call) => ({
  caller: 'Operator',
  call,
  whose: 'team',
  tier: 'development',
  assurance: 'su',
  ownOnly: false,
  enrolled: true,
  at: new Date('2026-11-25T12:00:00Z'),
}))

/**
 * Our decision, with its checks, against the bare engine on the same policies, schema and requests; and ours on a
 * thousand policies against ours on a hundred.
 */
export async function decisionBench(): Promise<Row[]> {
  const policies = await filledUp(policiesTotal, met)
  const bare = createBare(policies)
  const requests = situations.map(requestIn)
  const differing = newFacts()
  const rows: Row[] = []
  for (const [id, what, asked] of [
    ['decision.hit', 'decision, facts seen before', requests],
    ['decision.miss', 'decision, facts never seen', differing],
  ] as const) {
    const decider = deciderOf(policies)
    const { oursMicroseconds, peerMicroseconds, ratio } = await compare(
      { name: 'decide', ...all(asked, (request) => decider.decide(request)) },
      { name: 'statefulIsAuthorized', ...all(asked.map(bare), statefulIsAuthorized) },
      times,
    )
    rows.push({
      id,
      what: `${what}, ${policiesTotal} policies`,
      ours: readable(oursMicroseconds),
      peer: `${readable(peerMicroseconds)} statefulIsAuthorized`,
      ratio,
      reads: 'ours with every check: schema, request validation, safe integers, errors denied; 1 is the bare engine',
    })
  }
  return [...rows, await growthRow()]
}

/** A thousand policies whose scopes do not meet the request, against a hundred. */
async function growthRow(): Promise<Row> {
  const [many, few] = [await filledUp(policiesManyTotal, unmet), await filledUp(policiesTotal, unmet)]
  const [large, small] = [deciderOf(many), deciderOf(few)]
  const asked = newFacts()
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(
    { name: 'thousand', ...all(asked, (request) => large.decide(request)) },
    { name: 'hundred', ...all(asked, (request) => small.decide(request)) },
    times,
  )
  return {
    id: 'decision.growth',
    what: `decision, facts never seen, ${policiesManyTotal} policies of which none more than before can apply`,
    ours: readable(oursMicroseconds),
    peer: `${readable(peerMicroseconds)} with ${policiesTotal} policies`,
    ratio,
    reads: '1: policies that a request does not meet cost nothing',
  }
}

const all = <T>(calls: readonly T[], once: (call: T) => unknown) => {
  let at = 0
  return {
    // goes on where it stopped: a call comes again only after all the others
    run: (count: number) => {
      for (let done = 0; done < count; done += 1) once(calls[at++ % calls.length] as T) // the list is not empty
    },
  }
}

/** Requests each with other facts, more than a bench asks. */
function newFacts(): DecisionRequest[] {
  return Array.from({ length: differingTotal }, (_, at) => {
    const request = requestIn(situations[at % situations.length] ?? unreachable())
    return withTeam(request, `team-${at}`)
  })
}

/** One more team: a fact that every policy on workspaces looks at. */
const withTeam = (request: DecisionRequest, id: string): DecisionRequest => ({
  ...request,
  entities: request.entities.map((entity) =>
    entity.uid.type === 'User' ? { ...entity, parents: [...entity.parents, { type: 'Team', id }] } : entity,
  ),
})

const differingTotal = 10_000

const unreachable = (): never => {
  throw new TypeError('there is a situation at every place')
}

const deciderOf = ({ prepared }: OfflinePolicies): Decider =>
  createDecider({
    current: () => prepared,
    alerts: {
      raise: (kind, detail) => {
        throw new TypeError(`${kind} ${JSON.stringify(detail)}`)
      },
    },
    clock: { now: () => new Date(0) },
  })

type Filler = (number: number) => string

/** Forbids that look at requests of the bench and do not apply. */
const met: Filler = (number) =>
  `forbid (principal is User, action in Action::"writeActions", resource)\nwhen { context.hour == ${24 + number} };`

/** Forbids on other actions. */
const unmet: Filler = (number) =>
  `forbid (principal is User, action == Action::"user.get", resource)\nwhen { context.hour == ${24 + number} };`

/** Our own policies, filled up to a number. */
async function filledUp(total: number, filler: Filler): Promise<OfflinePolicies> {
  const source = join(import.meta.dirname, '..', 'policies')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-policies-'))
  try {
    await cp(source, directory, { recursive: true })
    const missing = total - (await loadPolicies(source)).set.policies.length
    const texts = Array.from(
      { length: missing },
      (_, number) =>
        `@id("filler-${number}")\n@doc("One of the policies that a grown set has.")\n` +
        `@severity("low")\n${filler(number)}\n`,
    )
    await writeFile(join(directory, 'filler.cedar'), texts.join('\n'))
    return await loadPolicies(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The engine as its documentation uses it: preparsed, validated, the call laid ready. */
function createBare({ set }: OfflinePolicies): (request: DecisionRequest) => StatefulAuthorizationCall {
  const name = randomUUID()
  preparseSchema(name, set.schema)
  preparsePolicySet(name, { staticPolicies: Object.fromEntries(set.policies.map(({ id, text }) => [id, text])) })
  return (request) =>
    ({
      ...request,
      action: { type: 'Action', id: request.action },
      preparsedSchemaName: name,
      preparsedPolicySetId: name,
      validateRequest: true,
    }) as unknown as StatefulAuthorizationCall // the same JSON; only `readonly` differs between our types and Cedar's
}
