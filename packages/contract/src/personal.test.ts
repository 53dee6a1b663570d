import { expect, test } from 'vitest'
import { personalInputs } from './personal.ts'
import { operations } from './registry.ts'

// Threat F6: what stands in an entry as it was said cannot be erased
test('an input that names a person says so, also within a list, in what is searched for and in a cursor', () => {
  expect(personalInputs(operations['calendar.set'])).toEqual(['onCall'])
  expect(personalInputs(operations['approval.request'])).toContain('resource')
  expect(personalInputs(operations['sshCertificate.list'])).toEqual(expect.arrayContaining(['search', 'after']))
  // of things: AuthZEN's own example says the owner's mail address
  for (const name of ['policy.evaluate', 'policy.explain', 'policy.whoCould'] as const)
    expect(personalInputs(operations[name])).toEqual(expect.arrayContaining(['resource', 'properties', 'context']))
})

test('what is not recorded at all needs no commitment', () => {
  expect(operations['user.import'].audit.omit).toEqual(['users'])
  expect(personalInputs(operations['user.import'])).toEqual([])
})
