// How hosts come by the revocation list: at once, when there is a newer one, and signed.
import { isSshSignatureOf, parsePublicKeyLine, parseRevocationList } from '@gatehouse/ssh/wire'
import { describe, expect, test } from 'vitest'
import type { Chain } from './chain-gateway.ts'

const ask = async (chain: Chain, query = '', signal?: AbortSignal) => {
  const response = await chain.gateway.app.request(
    `http://localhost/ssh/krl${query}`,
    signal === undefined ? {} : { signal },
    { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } },
  )
  const { status, headers } = response
  return { status, headers, body: Buffer.from(await response.arrayBuffer()) }
}
type Answer = Awaited<ReturnType<typeof ask>>

const versionOf = ({ body }: Answer): number => Number(parseRevocationList(body).version)

/** As a revocation makes it. */
const bump = (chain: Chain) =>
  chain.admin.query('update ssh_krl set previous_version = version, version = version + 1, changed_at = now()')

/** Tests of a chain that runs. */
export const testRevocationList = (chain: () => Chain): void => {
  describe('the revocation list', () => {
    test('is signed by the signer that hosts are told of, for this purpose and for no other', async () => {
      const { body, headers } = await ask(chain())
      const { text: signers } = await chain().ask('/ssh/allowed_signers')
      const [, purpose = '', key = ''] = /^gatehouse namespaces="([a-z-]+)[^"]*" (.*)\n$/.exec(signers) ?? []
      const signature = Buffer.from(headers.get('gatehouse-signature') ?? '', 'base64')
      const isSigned = (message: Uint8Array, namespace: string) =>
        isSshSignatureOf(parsePublicKeyLine(key), { message, namespace }, signature)
      expect(isSigned(body, purpose)).toBe(true)
      expect(isSigned(body.subarray(0, -1), purpose)).toBe(false)
      expect(isSigned(body, 'file')).toBe(false)
      expect(Date.parse(headers.get('gatehouse-time') ?? '')).not.toBeNaN()
    })

    test('comes at once to a host with an older one, and when there is a newer one to a host that waits', async () => {
      const first = await ask(chain())
      const version = versionOf(first)
      expect(versionOf(await ask(chain(), `?after=${version - 1}&wait=50`))).toBe(version)
      const waiting = ask(chain(), `?after=${version}&wait=50`)
      await bump(chain())
      const next = await waiting
      expect([next.status, versionOf(next)]).toEqual([200, version + 1])
    })

    test('is not sent again to a host that has the newest, which is told what time it is all the same', async () => {
      const version = versionOf(await ask(chain()))
      const none = await ask(chain(), `?after=${version}`)
      expect([none.status, none.body.length]).toEqual([204, 0])
      expect(Date.parse(none.headers.get('gatehouse-time') ?? '')).not.toBeNaN()
      expect((await ask(chain(), `?after=${version}&wait=1`)).status).toBe(204)
    })

    test('is waited for only as long as its client waits', async () => {
      const client = new AbortController()
      const version = versionOf(await ask(chain()))
      const waiting = ask(chain(), `?after=${version}&wait=50`, client.signal)
      client.abort()
      await waiting.catch(() => null)
    })

    test.each(['?after=x', '?after=-1', '?after=1.5', '?after=1&wait=51', '?after=1&wait=soon'])(
      'is refused, naming the field, for %s',
      async (query) => {
        const { status, body } = await ask(chain(), query)
        expect([status, body.toString()]).toEqual([400, expect.stringMatching(/"path":"(after|wait)"/)])
      },
    )
  })
}
