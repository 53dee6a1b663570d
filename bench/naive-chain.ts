import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs'
import { loadPolicies, requestIn } from '@gatehouse/policy/offline'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwtVerify, SignJWT } from 'jose'
import pg from 'pg'

// The other peer of the chain: what one writes in an afternoon. A token checked by jose, the same policies asked by
// the bare engine, one INSERT into a table with the columns and indexes of ours. No session is looked up, nothing is
// limited, nothing is committed to. Takes the database's address; prints `{ port, token }`.
const expected = { issuer: 'control-center', audience: 'orchestrator', algorithms: ['RS256'] }
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const subject = randomUUID()
const token = await new SignJWT({ sid: randomUUID(), roles: ['Operator'], name: 'ada' })
  .setProtectedHeader({ alg: 'RS256' })
  .setSubject(subject)
  .setIssuer(expected.issuer)
  .setAudience(expected.audience)
  .setIssuedAt()
  .setExpirationTime('15m')
  .sign(privateKey)

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 })
await pool.query(`create table if not exists naive_event (
  id uuid primary key, at timestamptz not null, action text not null, outcome text not null, principal_id text not null,
  principal_name text, resource_type text, resource_id text, workspace text, session_id text, request_id text,
  effect text, ip text, user_agent text, input jsonb);
  create index if not exists naive_at on naive_event (at desc, id desc);
  create index if not exists naive_principal on naive_event (principal_id, at desc);
  create index if not exists naive_action on naive_event (action, at desc);
  create index if not exists naive_resource on naive_event (resource_id, at desc)`)

const call = await preparedCall()
const insert = {
  name: 'naive-insert',
  text: `insert into naive_event values ($1, $2, $3, 'allowed', $4, $5, 'System', 'gatehouse', null, $6, $7,
    'allow', $8, $9, '{}')`,
}

const app = new Hono()
app.get('/', async (c) => {
  const { payload } = await jwtVerify(
    (c.req.header('authorization') ?? '').slice('Bearer '.length),
    publicKey,
    expected,
  )
  const answer = statefulIsAuthorized({ ...call })
  if (answer.type === 'failure' || answer.response.decision !== 'allow') return c.json({ error: 'forbidden' }, 403)
  const values = [randomUUID(), new Date(), 'auth.whoami', payload.sub, payload['name'], payload['sid'], randomUUID()]
  await pool.query({ ...insert, values: [...values, '127.0.0.1', c.req.header('user-agent') ?? ''] })
  return c.json({ result: { data: { id: payload.sub, roles: payload['roles'], sessionId: payload['sid'] } } })
})
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) =>
  process.stdout.write(`${JSON.stringify({ port, token })}\n`),
)
process.stdin
  .on('end', () => {
    server.close()
    void pool.end()
  })
  .resume()

/** An operator's `auth.whoami`, laid ready as the engine's documentation does it. */
async function preparedCall(): Promise<StatefulAuthorizationCall> {
  const { set } = await loadPolicies(join(import.meta.dirname, '..', 'policies'))
  preparseSchema('naive', set.schema)
  preparsePolicySet('naive', { staticPolicies: Object.fromEntries(set.policies.map(({ id, text }) => [id, text])) })
  const request = requestIn({
    caller: 'Operator',
    call: 'auth.whoami',
    whose: 'own',
    tier: 'development',
    assurance: 'su',
    ownOnly: false,
    enrolled: true,
    at: new Date('2026-11-25T12:00:00Z'),
  })
  // the same JSON; only `readonly` differs between our types and Cedar's
  return {
    ...structuredClone(request),
    action: { type: 'Action', id: request.action },
    preparsedSchemaName: 'naive',
    preparsedPolicySetId: 'naive',
    validateRequest: true,
  } as StatefulAuthorizationCall
}
