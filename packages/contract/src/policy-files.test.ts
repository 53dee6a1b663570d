import { expect, test } from 'vitest'
import { z } from 'zod'
import { policyFilesMax } from './policy-files.ts'
import { operations, publicOperationNames } from './registry.ts'

/** Every operation that is given a policy set, whatever it does with it. */
const taking = publicOperationNames.flatMap((name) => {
  const { files } = operations[name].input.shape
  return files === undefined
    ? []
    : [
        {
          name,
          files: z
            .array(z.unknown())
            .min(1)
            .and(files as z.ZodType),
        },
      ]
})

// a set that was published must be one that can be compared, simulated and tried beside: with what was signed of it too
test('what is taken as a policy set by one operation is taken by all of them', () => {
  const file = { path: 'admin/roles.cedar', text: 'permit (principal, action, resource);' }
  const sets = {
    signed: [file, { path: 'policies.manifest', text: 'signed' }],
    largest: Array.from({ length: policyFilesMax }, (_, at) => ({ ...file, path: `admin/set-${at}.cedar` })),
  }
  expect(taking.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['policy.publish', 'policy.simulate', 'policy.shadowPublish', 'policy.test']),
  )
  for (const { name, files } of taking) {
    for (const [kind, set] of Object.entries(sets))
      expect([name, kind, files.safeParse(set).success]).toEqual([name, kind, true])
    expect(files.safeParse([{ ...file, path: '../etc/passwd' }]).success).toBe(false)
    expect(files.safeParse([...sets.largest, file]).success).toBe(false)
  }
})
