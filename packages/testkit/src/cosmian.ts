/** A Cosmian KMS that somebody runs for the tests: building one takes longer than they do. */
export interface CosmianFacts {
  readonly address: string
  /** What it takes as bearer token; null: it asks nobody who they are. */
  readonly token: string | null
}

/** Where it is said to be; null: nobody said. */
export function cosmianFacts(): CosmianFacts | null {
  const address = process.env['GATEHOUSE_TEST_COSMIAN_URL']
  if (address === undefined || address === '') return null
  return { address, token: process.env['GATEHOUSE_TEST_COSMIAN_TOKEN'] ?? null }
}

interface Node {
  readonly tag: string
  readonly type: string
  readonly value: unknown
}

/** One operation of KMIP 2.1 in JSON; its answer's nodes by their tags. */
async function ask(
  { address, token }: CosmianFacts,
  tag: string,
  value: readonly Node[],
): Promise<Map<string, unknown>> {
  const response = await fetch(new URL('/kmip/2_1', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ tag, type: 'Structure', value }),
  })
  if (!response.ok) throw new TypeError(`${tag}: ${response.status} ${await response.text()}`)
  const { value: nodes } = (await response.json()) as { readonly value: readonly Node[] } // as KMIP says it
  return new Map(nodes.map((node) => [node.tag, node.value]))
}

const text = (tag: string, value: string): Node => ({ tag, type: 'TextString', value })
const number = (tag: string, value: number): Node => ({ tag, type: 'Integer', value })
const choice = (tag: string, value: string): Node => ({ tag, type: 'Enumeration', value })

/** Encrypt and Decrypt. */
const usage = 0x4 | 0x8

/** A new key of AES-256 there, which encrypts once it is active. Resolves to its unique identifier. */
export async function makeCosmianKey(facts: CosmianFacts, state: 'active' | 'pre-active'): Promise<string> {
  const attributes: readonly Node[] = [
    choice('CryptographicAlgorithm', 'AES'),
    number('CryptographicLength', 256),
    number('CryptographicUsageMask', usage),
    choice('KeyFormatType', 'TransparentSymmetricKey'),
    choice('ObjectType', 'SymmetricKey'),
  ]
  const made = await ask(facts, 'Create', [
    choice('ObjectType', 'SymmetricKey'),
    { tag: 'Attributes', type: 'Structure', value: attributes },
  ])
  const id = String(made.get('UniqueIdentifier'))
  if (state === 'active') await ask(facts, 'Activate', [text('UniqueIdentifier', id)])
  return id
}
