import { expect, test } from 'vitest'
import { evaluationInput } from './request.ts'

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
