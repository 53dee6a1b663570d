import { startUpcloudStandIn, type UpcloudStandIn } from '@gatehouse/testkit'
import type { BackendUnderTest } from '@gatehouse/testkit/secret-conformance'
import type { Material } from './secrets-system.ts'

/** Whether a token opens the server that it is for. */
export async function tokenOpens({ port, server }: UpcloudStandIn, { token }: Material): Promise<boolean> {
  const headers = { authorization: `Bearer ${token?.expose()}` }
  return (await fetch(`http://127.0.0.1:${port}/1.3/server/${server}`, { headers })).status === 200
}

/** What stands in for UpCloud, as the suite of all backends asks it. */
export async function upcloudUnderTest(): Promise<BackendUnderTest> {
  const standIn = await startUpcloudStandIn()
  const { username, password, server, subs, pass } = standIn
  return {
    end: { port: standIn.port, speaks: 'http' },
    configured: (port) => ({ upcloud: { username, password, endpoint: `http://127.0.0.1:${port}` } }),
    role: { upcloud: { permissions: [{ targetType: 'server', target: server }] } },
    ttlSeconds: 1800,
    alive: () => Promise.resolve(subs()),
    works: (material) => tokenOpens(standIn, material),
    pass,
    drop: () => Promise.resolve(standIn.close()),
  }
}
