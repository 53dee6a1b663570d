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
import type { DecisionRequest } from '@gatehouse/enforcement'
import { compare, readable, type Row } from './row.ts'

const policiesTotal = 100
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

/** Our decision, with its checks, against the bare engine on the same policies, schema and requests. */
export async function decisionBench(): Promise<Row[]> {
  const policies = await hundredPolicies()
  const requests = situations.map(requestIn)
  // another second each: nothing that was remembered of one request answers another
  const differing = Array.from({ length: times / situations.length }, (_, at) =>
    situations.map((situation) => requestIn({ ...situation, at: new Date(situation.at.getTime() + at * 1000) })),
  ).flat()
  const decider = createDecider({
    current: () => policies.prepared,
    alerts: {
      raise: (kind, detail) => {
        throw new TypeError(`${kind} ${JSON.stringify(detail)}`)
      },
    },
    clock: { now: () => new Date(0) },
  })
  const measured = async (id: string, what: string, asked: readonly DecisionRequest[]): Promise<Row> => {
    const bare = bareCalls(policies, asked)
    const all = <T>(calls: readonly T[], once: (call: T) => unknown) => ({
      run: (count: number) => {
        for (let done = 0; done < count; done += calls.length) for (const call of calls) once(call)
      },
    })
    const { oursMicroseconds, peerMicroseconds, ratio } = await compare(
      { name: 'decide', ...all(asked, (request) => decider.decide(request)) },
      { name: 'statefulIsAuthorized', ...all(bare, statefulIsAuthorized) },
      times,
    )
    return {
      id,
      what: `${what}, ${policies.set.policies.length} policies`,
      ours: readable(oursMicroseconds),
      peer: `${readable(peerMicroseconds)} statefulIsAuthorized`,
      ratio,
      reads: 'ours with every check: schema, request validation, safe integers, errors denied; 1 is the bare engine',
    }
  }
  return [
    await measured('decision.hit', 'decision, the same four requests again and again', requests),
    await measured('decision.miss', 'decision, each request another one', differing),
  ]
}

/** Our own policies, filled up to a hundred with forbids that look at the same requests and do not apply. */
async function hundredPolicies(): Promise<OfflinePolicies> {
  const source = join(import.meta.dirname, '..', 'policies')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-policies-'))
  try {
    await cp(source, directory, { recursive: true })
    const missing = policiesTotal - (await loadPolicies(source)).set.policies.length
    const filler = Array.from(
      { length: missing },
      (_, number) =>
        `@id("filler-${number}")\n@doc("One of the policies that a grown set has and this call does not ` +
        `meet.")\n@severity("low")\nforbid (principal is User, action in Action::"writeActions", resource)\n` +
        `when { context.hour == ${24 + number} };\n`,
    )
    await writeFile(join(directory, 'filler.cedar'), filler.join('\n'))
    return await loadPolicies(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The engine as its documentation uses it: preparsed, validated, the call laid ready. */
function bareCalls(
  { set }: OfflinePolicies,
  requests: readonly ReturnType<typeof requestIn>[],
): StatefulAuthorizationCall[] {
  const name = randomUUID()
  preparseSchema(name, set.schema)
  preparsePolicySet(name, { staticPolicies: Object.fromEntries(set.policies.map(({ id, text }) => [id, text])) })
  // the same JSON; only `readonly` differs between our types and Cedar's
  return requests.map(
    (request) =>
      ({
        ...structuredClone(request),
        action: { type: 'Action', id: request.action },
        preparsedSchemaName: name,
        preparsedPolicySetId: name,
        validateRequest: true,
      }) as StatefulAuthorizationCall,
  )
}
