import { describe, expect, test } from 'vitest'
import { evaluationInput, questionsIn } from './request.ts'

const asked = (parameters: unknown) =>
  evaluationInput({
    subject: { type: 'user', id: 'ada' },
    action: { name: 'deploy', properties: { parameters } },
    resource: { type: 'Cluster', id: 'web' },
  })

test('parameters are those that an approval names', () => {
  expect(asked({ version: '1.4.2', replicas: 3, force: false })).toMatchObject({
    parameters: ['version=1.4.2', 'replicas=3', 'force=false'],
  })
  expect(asked(['version=1.4.2'])).toMatchObject({ parameters: ['version=1.4.2'] })
  expect(asked(undefined)).toMatchObject({ parameters: [] })
})

// Threat D6: an approval of one call is good for no other
test.each([
  [{ config: { replicas: 1 } }],
  [{ config: ['a', 'b'] }],
  [{ config: null }],
  [{ 'a=b': 'c' }],
  [{ build: 2 ** 53 }],
  [[['version=1'], 'a=b']],
  [[{}]],
  ['version=1.4.2'],
  [null],
])('what reads as another call would is no parameter: %j', (parameters) => {
  expect(() => asked(parameters)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})

// Threat C6: a limit must not be passed by saying a number that cannot be said
test.each([[2 ** 53], [1e21], [10_000.5], [{ euros: 10_001 }], [[10_001]], [['a', 1]]])(
  'what a policy could not read is said as something else, and never left out: %j',
  (amount) => {
    const input = evaluationInput({
      subject: { type: 'user', id: 'ada' },
      action: { name: 'pay' },
      resource: { type: 'Account', id: 'a', properties: { amount } },
      context: { amount },
    })
    for (const said of [input?.properties, input?.context]) expect(said?.['amount']).toEqual(expect.any(String))
  },
)

test('what is long, in other letters or null is no mistake of who asks', () => {
  const input = evaluationInput({
    subject: { type: 'user', id: 'ada' },
    action: { name: 'read' },
    resource: { type: 'Doc', id: 'a', properties: { tree: { text: '\u202eא'.repeat(5000) }, owner: null } },
  })
  expect(input?.properties).toEqual({ tree: expect.stringMatching(/^[\x20-\x7e]{1,1000}$/) })
})

// Threat C6: a workspace that is no text was left out, and the question answered for the default one
describe('where something is asked about', () => {
  const about = (properties: Record<string, unknown>, context: Record<string, unknown> = {}, session?: unknown) =>
    evaluationInput({
      subject: { type: 'user', id: 'ada', properties: { session, ip_address: context['address'] } },
      action: { name: 'deploy' },
      resource: { type: 'Cluster', id: 'web', properties },
      context,
    })

  test.each([[7], [['production']], [{ id: 'production' }], [true]])('is a text, or refused: %j', (workspace) => {
    const refused = (path: string) =>
      expect.objectContaining({ code: 'invalid-input', details: { fields: [{ path, message: 'a text' }] } }) as Error
    expect(() => about({ workspace })).toThrow(refused('resource.properties.workspace'))
    expect(() => about({}, { workspace })).toThrow(refused('context.workspace'))
    expect(() => about({}, {}, workspace)).toThrow(refused('subject.properties.session'))
  })

  test('is what the thing says, else the context; null is not said', () => {
    expect(about({ workspace: 'production' }, { workspace: 'other' })).toMatchObject({ workspace: 'production' })
    expect(about({ workspace: null }, { workspace: 'production' })).toMatchObject({ workspace: 'production' })
    expect(about({ workspace: null })).not.toHaveProperty('workspace')
  })

  // Threat C6, and the public bug report xorbitsai/xagent#1185: an address with its port was left out
  test('is read from an address as proxies write it; null is not said', () => {
    const written = ['10.0.0.1', '10.0.0.1:51234', '::ffff:10.0.0.1', '[::ffff:10.0.0.1]:51234']
    for (const ip of written) {
      expect(about({}, { ip })).toMatchObject({ address: '10.0.0.1' })
      expect(about({}, { address: ip, ip: '192.0.2.7' })).toMatchObject({ address: '10.0.0.1' })
    }
    expect(about({}, { address: null, ip: '2001:DB8::7' })).toMatchObject({ address: '2001:db8::7' })
    expect(about({}, { address: null, ip: null })).not.toHaveProperty('address')
  })

  test.each(['10.0.0.1, 192.0.2.7', '010.0.0.1', '10.0.0.1/32', '', 7, ['10.0.0.1']])(
    'is refused where an address cannot be read, whatever stands beside: %j',
    (address) => {
      const refused = (path: string) =>
        expect.objectContaining({ code: 'invalid-input', details: { fields: [expect.objectContaining({ path })] } })
      const asked = () => about({}, { address, ip: '10.0.0.1' })
      expect(asked).toThrow(refused('subject.properties.ip_address') as Error)
      expect(() => about({}, { ip: address })).toThrow(refused('context.ip') as Error)
    },
  )
})

describe('a request that is no question', () => {
  const good = { subject: { type: 'user', id: 'ada' }, action: { name: 'read' }, resource: { type: 'Doc', id: 'a' } }
  const fields = ['subject', 'action', 'resource', 'context', 'options', 'evaluations'] as const
  const wrong = [null, 7, 'text', [7], { type: null }, { name: 7 }, { evaluations_semantic: null }]

  test('is told what is wrong in our words', () => {
    const told = fields.flatMap((field) =>
      wrong.flatMap((value) => [messagesOf({ ...good, [field]: value }), messagesOf({ ...good, evaluations: value })]),
    )
    expect(told.flat()).toContain('an object')
    expect(told.flat().filter((message) => /invalid|expected|received/i.test(message))).toEqual([])
  })
})

// openid/authzen, *Certification Scenario* 3.2.7: of properties nothing is merged
test('what has to be there and is not said of an entity is that of the default, and nothing else', () => {
  const [subject, action] = [
    { type: 'user', id: 'ada', properties: { role: 'x' } },
    { name: 'read', properties: {} },
  ]
  const resource = { type: 'Doc', id: 'a', properties: { secret: true } }
  const own = { resource: { id: 'b' }, subject: { id: 'bob', type: null }, action: { properties: { soft: true } } }
  const asked = questionsIn({ subject, action, resource, evaluations: [own, { ...own, subject: { id: 'bob' } }] })
  expect(asked).toMatchObject({
    kind: 'many',
    questions: [
      { code: 'invalid-input', details: { fields: [{ path: 'evaluations.0.subject.type' }] } },
      { subject: { type: 'user', id: 'bob' }, action: { name: 'read', properties: { soft: true } } },
    ],
  })
  const [, question] = asked.kind === 'many' ? asked.questions : []
  expect(question).toMatchObject({ resource: { type: 'Doc', id: 'b' } })
  expect(JSON.stringify(question)).not.toMatch(/secret|role/)
})

function messagesOf(body: unknown): string[] {
  try {
    questionsIn(body)
    return []
  } catch (error) {
    const { details } = error as { details: { fields: { message: string }[] } } // a refusal of what is asked
    return details.fields.map(({ message }) => message)
  }
}
